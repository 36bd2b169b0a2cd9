%% Lets a load end without losing what it measured.
%%
%% At its end Tsung halts without waiting for its users, so what they are doing is lost; so are the
%% statistics that are still in memory. Every early end passes through Tsung's
%% configuration server. It waits there (a debug function of `sys`, which sees each message before
%% it is handled) until every user has come to the end of what it is doing and stands still, and
%% until everything is written. The row that made a scenario end the test comes after the request to
%% end it, so users are asked to stand still (`sys:suspend`) before they are made to. The planned
%% end passes through Tsung's monitor, which waits in the same way.
%%
%% A user that then still waits for an answer has a request in flight: it is neither a request that
%% was measured nor an error, and is counted by itself (onager_user).
%%
%% A stop is asked for by a file that holds the reason: no network is used. For a stop and for a
%% planned `duration`, Tsung is sent what its own timer for `duration` sends. If the load is ended
%% because users got no answer for too long, those users are counted.
-module(onager_end).

-export([start/0, ask/0]).

%% A user that opens a connection or sleeps does not hear that it is asked to stand still. Others
%% are asked again, if the machine has no time for them.
-define(STAND_STILL_MS, 1000).
-define(TIMES_ASKED, 20).
-define(LOOK_EVERY_MS, 250).

%% Paths and numbers come by the environment: a path cannot safely be put on a command line.
%% ONAGER_STOP_FILE: see above. ONAGER_CUT_MS: the end of the run, counted from when the first user
%% could start; absent for none.
-spec start() -> pid().
start() ->
    onager_term:install(),
    CutMs = case os:getenv("ONAGER_CUT_MS") of
                false -> infinity;
                Text -> list_to_integer(Text)
            end,
    Pid = spawn(fun() ->
                        onager_crashes:start(),
                        init(os:getenv("ONAGER_STOP_FILE"), CutMs)
                end),
    register(?MODULE, Pid),
    Pid.

init(StopFile, CutMs) ->
    case {server(), global:whereis_name(ts_mon)} of
        {Server, Monitor} when is_pid(Server), is_pid(Monitor) ->
            [catch sys:install(Pid, {fun seen/3, waiting}, infinity) || Pid <- [Server, Monitor]],
            watch(StopFile, CutMs, now_ms());
        _ -> timer:sleep(20), init(StopFile, CutMs)
    end.

watch(StopFile, CutMs, StartedMs) ->
    wait(?LOOK_EVERY_MS, StopFile),
    NowMs = now_ms(),
    case whereis(ts_client_sup) of
        undefined -> watch(StopFile, CutMs, NowMs);
        _ ->
            case filelib:is_file(StopFile) orelse NowMs - StartedMs >= CutMs of
                true ->
                    server() ! {timeout, make_ref(), end_tsung},
                    ended(StopFile);
                false -> watch(StopFile, CutMs, StartedMs)
            end
    end.

%% It lives on: users stand still as long as the process that made them does.
ended(StopFile) -> wait(infinity, StopFile), ended(StopFile).

wait(Ms, StopFile) ->
    receive
        {ending, From, Ref} ->
            onager_delay:stop(),
            %% The end of the configuration server is followed by that of the monitor.
            case put(standing, true) of
                true -> ok;
                undefined -> catch stand_still(StopFile)
            end,
            gather(),
            From ! Ref
    after Ms -> ok
    end.

%% Runs in the configuration server and in the monitor.
seen(waiting, {in, {_, {abort}}}, _) -> ask(), done;
seen(waiting, {in, {_, {stop}}}, _) -> ask(), done;
seen(waiting, {in, {timeout, _, end_tsung}}, _) -> ask(), done;
seen(State, _, _) -> State.

%% Returns when users stand still and all is written.
-spec ask() -> ok.
ask() ->
    Ref = monitor(process, ?MODULE),
    catch ?MODULE ! {ending, self(), Ref},
    receive
        Ref -> demonitor(Ref, [flush]), ok;
        {_, Ref, process, _, _} -> ok
    end.

stand_still(StopFile) ->
    [catch erlang:suspend_process(Pid)
     || Pid <- [whereis(ts_launcher), whereis(ts_launcher_static)], is_pid(Pid)],
    Users = [Pid || {_, Pid, _, _} <- supervisor:which_children(ts_client_sup), is_pid(Pid)],
    %% Where users were given up on, each of them is an error.
    IsDrained = file:read_file(StopFile) =:= {ok, <<"drain-limit">>},
    IsCounted = not IsDrained andalso is_pid(whereis(onager_recorder)),
    Then = if IsCounted -> fun onager_user:stopped/1; true -> fun(State) -> State end end,
    Asked = [spawn_monitor(fun() -> ask_to_stand(Pid, Then, ?TIMES_ASKED) end) || Pid <- Users],
    [receive {_, Ref, process, _, _} -> ok end || {_, Ref} <- Asked],
    [catch erlang:suspend_process(Pid) || Pid <- Users],
    [catch ts_mon_cache:add({count, error_never_answered}) || IsDrained, _ <- Users],
    ok.

ask_to_stand(Pid, Then, Times) ->
    case {catch sys:suspend(Pid, ?STAND_STILL_MS), process_info(Pid, status)} of
        {ok, _} -> catch sys:replace_state(Pid, Then, infinity);
        {_, {status, Busy}} when Busy =/= waiting, Times > 1 -> ask_to_stand(Pid, Then, Times - 1);
        _ -> ok
    end.

%% What is in memory: of the recorder, of Tsung's statistics, of its rows.
gather() ->
    catch onager_recorder:flush(),
    catch ts_mon_cache ! {timeout, make_ref(), dump_stats},
    catch sys:get_state(ts_mon_cache, infinity),
    catch sys:replace_state(ts_local_mon, fun(State) ->
                                                  catch file:position(element(2, State), cur),
                                                  State
                                          end, infinity).

server() -> global:whereis_name(ts_config_server).

now_ms() -> erlang:monotonic_time(millisecond).
