%% Counts the users that crash, and whatever else dies in a load, by what they died of.
%%
%% Tsung counts a crash as `error_unknown`; the reason is only in Erlang's report of it, to which
%% the state of the user belongs. A filter of Erlang's logger sees each report before it is written,
%% in the process that dies: there it is counted, and only the first few of each reason are
%% written, without what the user knew. So a flood of crashes fills neither the log nor the queue of
%% the process that writes it, and the log can be published.
-module(onager_crashes).

-export([start/0, filter/2]).

%% As many as onager_errors keeps.
-define(WRITTEN, 5).
%% Reasons beyond this many are counted as one.
-define(MOST, 100).

%% The configuration server does not answer while it waits for users at the end of a load: then a
%% session has no name.
-define(ANSWER_MS, 500).
%% How far from its end a user's state has the number of its session (ts_profile.hrl).
-define(SESSION_FROM_END, 21).

%% What is known lives as long as the process that calls this.
-spec start() -> ok | {error, term()}.
start() ->
    ets:new(?MODULE, [named_table, public, set, {write_concurrency, true},
                      {read_concurrency, true}]),
    ets:insert(?MODULE, {reasons, 0}),
    onager_reason:start(),
    logger:add_primary_filter(?MODULE, {fun ?MODULE:filter/2, none}).

%% Erlang removes a filter that fails. What fails here may hold anything, so it is not written.
-spec filter(logger:log_event(), none) -> logger:filter_return().
filter(Event, none) ->
    try seen(Event) catch _:_ -> stop end.

seen(Event = #{msg := {report, Report = #{label := {gen_fsm, terminate}}}}) ->
    #{reason := Reason, state_data := State} = Report,
    case died(Reason, State) of
        left -> stop;
        written ->
            Event#{msg := {report, Report#{reason := onager_reason:bare(Reason), log := [],
                                           state_data := '...', last_message := '...'}}}
    end;
seen(#{msg := {report, #{label := {gen_server, terminate}, reason := Reason}}}) ->
    result(died(Reason, none));
seen(#{msg := {report, #{label := {gen_statem, terminate}, reason := {_, Reason, Stack}}}}) ->
    result(died({Reason, Stack}, none));
%% What dies before it has begun has no other report; all others had theirs.
seen(#{msg := {report, #{label := {proc_lib, crash}, report := [Info | _]}}}) ->
    case {get(?MODULE), lists:keyfind(error_info, 1, Info)} of
        {died, _} -> stop;
        {_, {_, {exit, Reason, _}}} -> result(unborn(Reason));
        {_, {_, {_, Reason, Stack}}} -> result(unborn({Reason, Stack}))
    end;
seen(#{msg := {report, #{label := {supervisor, child_terminated}, report := Report}}}) ->
    killed(Report);
seen(#{msg := {report, #{label := {error_logger, info_msg}, format := "~20s:(~p:~p) " ++ Words,
                         args := [ts_client | _]}}}) ->
    said(Words);
%% A process without a supervisor. Where it is linked to a user, that dies and is counted.
seen(Event = #{msg := {Format, Args}, meta := #{error_logger := #{emulator := true}}}) ->
    {Others, [Reason]} = lists:split(length(Args) - 1, Args),
    case is_written(counter(process, onager_reason:short(Reason), undefined)) of
        true -> Event#{msg := {Format, Others ++ [onager_reason:bare(Reason)]}};
        false -> stop
    end;
seen(_) -> ignore.

result(written) -> ignore;
result(left) -> stop.

%% Tsung tells its log of each user that dies, and with what state.
said("Stop in state" ++ _) -> stop;
said("Error: set profile return value" ++ _) -> result(written(set_profile_error));
said(_) -> ignore.

died(Reason, State) ->
    put(?MODULE, died),
    Who = who(),
    Who =:= user andalso ets:insert(?MODULE, {self()}),
    count(Who, Reason, State).

unborn(Reason) ->
    Who = who(),
    Who =:= user andalso ended(),
    count(Who, Reason, none).

who() ->
    case get('$initial_call') of
        {ts_client, _, _} -> user;
        {Module, _, _} -> Module;
        _ -> process
    end.

%% Where a process that is linked to a user dies, the user does, too, and cannot say so itself.
killed(Report) ->
    case lists:keyfind(supervisor, 1, Report) of
        {_, {local, ts_client_sup}} ->
            {_, Child} = lists:keyfind(offender, 1, Report),
            {_, Pid} = lists:keyfind(pid, 1, Child),
            case ets:take(?MODULE, Pid) of
                [_] -> ok;
                [] ->
                    {_, Reason} = lists:keyfind(reason, 1, Report),
                    count(user, Reason, none),
                    ended()
            end,
            stop;
        _ -> ignore
    end.

%% Else Tsung would wait for this user for ever. How long it lived, nobody knows any more.
ended() -> ts_mon:endclient({died, erlang:timestamp(), 0}).

count(Who, Reason, State) ->
    Counter = counter(Who, onager_reason:short(Reason), onager_user:code()),
    Result = written(Counter),
    _ = Result =:= written andalso Who =:= user
        andalso (catch onager_user:is_in(session(State))),
    ts_mon_cache:add({count, Counter}),
    Result.

written(Counter) ->
    case is_written(Counter) of true -> written; false -> left end.

%% Whether it is among the first.
is_written(Counter) ->
    ets:update_counter(?MODULE, {written, Counter}, {2, 1, ?WRITTEN, ?WRITTEN + 1}, {none, 0})
        =< ?WRITTEN.

counter(Who, Short, Code) ->
    Key = {Who, Short, Code},
    case ets:lookup(?MODULE, Key) of
        [{_, Counter}] -> Counter;
        [] ->
            case ets:lookup_element(?MODULE, reasons, 2) of
                Count when Count >= ?MOST -> 'error_crash@other';
                _ -> known(Key, onager_reason:counter(Who, Short, Code))
            end
    end.

known(Key, Counter) ->
    %% Many users may die of something new at once.
    case ets:insert_new(?MODULE, {Key, Counter}) of
        true -> ets:update_counter(?MODULE, reasons, 1);
        false -> known
    end,
    Counter.

%% The name of the session, for who has not sent a request yet.
session(State) when is_tuple(State), element(1, State) =:= state_rcv ->
    Id = element(tuple_size(State) - ?SESSION_FROM_END, State),
    try lists:keyfind(Id, 1, sessions()) of
        {_, Name} -> Name;
        false -> none
    catch _:_ -> none
    end;
session(_) -> none.

%% Only the configuration server knows them.
sessions() ->
    case persistent_term:get(?MODULE, none) of
        none ->
            State = sys:get_state({global, ts_config_server}, ?ANSWER_MS),
            Sessions = [{element(2, Session), element(5, Session)}
                        || List <- tuple_to_list(element(2, State)), is_list(List),
                           Session <- List, is_tuple(Session), element(1, Session) =:= session],
            persistent_term:put(?MODULE, Sessions),
            Sessions;
        Sessions -> Sessions
    end.
