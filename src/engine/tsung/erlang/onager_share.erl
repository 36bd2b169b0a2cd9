%% Lets Tsung fire one member's part of a load that several machines fire together, each with a
%% Tsung of its own: see onager_mend.
%%
%% What is counted is dealt like cards: places in a fixed order (a cycle) belong to members by their
%% weights, and the order is begun again as often as needed. Of a phase's users, of users that are
%% started one by one, of numbers of users, of lines of files and of XMPP users, a member takes
%% those in its own places. So no two members take the same, and together they take all.
%%
%% Without a share all of it is one member's. Then only the time of phases is mended. After one
%% without users Tsung begins the next at once, or crashes. And it begins the first up to a second
%% before its first user, because it counts whole seconds: it is told of it just in time.
-module(onager_share).

-export([start/1, stands_for/2]).
-export([get_client_config/1, get_client_config/2, new/2, init_seed/1, config/1]).
-export([reset/1, reset_all/1, call/2, call/3]).

%% Where the time has come, Tsung warns of clocks that are apart.
-define(JUST_IN_TIME_MS, 5).

%% `Slots`: the places of each cycle that are this member's, ascending, counted from 0.
-type deal() :: {Cycle :: pos_integer(), Slots :: [non_neg_integer(), ...]}.

%% Such as "6:0,3": of six places the first and the fourth. `false`: all of the load.
-spec start(string() | false) -> ok.
start(false) -> persistent_term:put(?MODULE, {1, [0]});
start(Text) ->
    [Cycle, Slots] = string:split(Text, ":"),
    Own = [list_to_integer(Slot) || Slot <- string:lexemes(Slots, ",")],
    persistent_term:put(?MODULE, {list_to_integer(Cycle), Own}).

-spec deal() -> deal().
deal() -> persistent_term:get(?MODULE, {1, [0]}).

%% Whether this module's function is to be called instead, by that module of Tsung's.
-spec stands_for(Caller :: module(), mfa()) -> boolean().
stands_for(_, {ts_config_server, get_client_config, 1}) -> true;
stands_for(Caller, Call) -> deal() =/= {1, [0]} andalso is_shared(Caller, Call).

is_shared(_, {ts_config_server, get_client_config, 2}) -> true;
is_shared(ts_client, {ts_dynvars, new, 2}) -> true;
is_shared(_, {ts_utils, init_seed, 1}) -> true;
is_shared(_, {ts_timer, config, 1}) -> true;
is_shared(_, {ts_user_server, reset, 1}) -> true;
is_shared(_, {ts_user_server, reset_all, 1}) -> true;
is_shared(ts_file_server, {gen_server, call, _}) -> true;
is_shared(_, _) -> false.

%% The phases of arrivals, each {phase, Id, UsersPerMs, Users, DurationMs, _, _}.
-spec get_client_config(string()) -> term().
get_client_config(Host) ->
    case ts_config_server:get_client_config(Host) of
        {ok, {Phases, StartDate, MaxUsers}} ->
            {WaitMs, Own} = in_time([own_phase(Phase) || Phase <- numbered(Phases)]),
            timer:sleep(max(0, WaitMs + until_ms(StartDate) - ?JUST_IN_TIME_MS)),
            {ok, {Own, StartDate, MaxUsers}};
        Other -> Other
    end.

%% Tsung numbers a phase when it begins, but not one without users.
numbered(Phases) ->
    [setelement(2, Phase, Id) || {Id, Phase} <- lists:zip(lists:seq(1, length(Phases)), Phases)].

own_phase(Phase) ->
    {Cycle, Slots} = deal(),
    Rate = element(3, Phase) * length(Slots) / Cycle,
    setelement(4, setelement(3, Phase, Rate), own_count(element(4, Phase))).

%% The time of phases without users: before all others it is waited for, and else it is added to
%% that of the phase before.
in_time(Phases) ->
    {Empty, Others} = lists:splitwith(fun is_empty/1, Phases),
    case Others of
        [] -> {0, Phases};
        _ -> {duration(Empty), Empty ++ stretched(Others)}
    end.

stretched([]) -> [];
stretched([Phase | Later]) ->
    {Empty, Others} = lists:splitwith(fun is_empty/1, Later),
    DurationMs = element(5, Phase) + duration(Empty),
    [setelement(5, Phase, DurationMs) | Empty ++ stretched(Others)].

is_empty(Phase) -> element(4, Phase) =:= 0.

duration(Phases) -> lists:sum([element(5, Phase) || Phase <- Phases]).

until_ms(StartDate) -> timer:now_diff(StartDate, os:timestamp()) div 1000.

%% The users that are started one by one, in the order of time.
-spec get_client_config(static, string()) -> term().
get_client_config(static, Host) ->
    {ok, Users, StartDate} = ts_config_server:get_client_config(static, Host),
    {ok, tuple_to_list(own_of(list_to_tuple(Users))), StartDate}.

%% The variables of a new user: what it is numbered by is unique in the whole load.
-spec new(atom(), term()) -> term().
new(tsung_userid, Id) -> ts_dynvars:new(tsung_userid, own_number(Id));
new(Name, Value) -> ts_dynvars:new(Name, Value).

%% With the scenario's seed as it is, all members would do the same at the same time. Without one
%% Tsung takes the time, of which `random` uses so little that members which start together could
%% have the same, too.
-spec init_seed(term()) -> term().
init_seed(now) -> init_seed(os:timestamp());
init_seed({A, B, C}) -> ts_utils:init_seed({own_number(A), B, C});
init_seed({Id, Seed}) -> ts_utils:init_seed({own_number(Id), Seed});
init_seed(Seed) ->
    {Cycle, [First | _]} = deal(),
    ts_utils:init_seed(Seed * Cycle + First).

%% How many users wait for each other.
-spec config(pos_integer()) -> ok.
config(Users) -> ts_timer:config(max(1, own_count(Users))).

-spec reset(integer()) -> term().
reset(Ids) ->
    Reply = ts_user_server:reset(Ids),
    keep_own({global, ts_user_server}),
    Reply.

-spec reset_all(integer()) -> term().
reset_all(Ids) ->
    Reply = ts_user_server:reset_all(Ids),
    lists:foreach(fun keep_own/1, ts_user_server_sup:all_children()),
    Reply.

%% The XMPP users that can log in: by number, and then those of a file.
keep_own(Server) ->
    sys:replace_state(Server, fun(State) -> keep_own_rows(element(2, State)), State end, infinity),
    ok.

keep_own_rows(Offline) ->
    Keys = [element(1, Row) || Row <- ets:tab2list(Offline)],
    Own = tuple_to_list(own_or_all(list_to_tuple(Keys))),
    [ets:delete(Offline, Key) || Key <- Keys -- Own].

%% What Tsung's server of files is asked for. Each file has its own lines beside all of them, which
%% are also drawn from at random.
-spec call(term(), term()) -> term().
call(Server, {get_next_line, File}) -> gen_server:call(Server, {get_next_line, {own, File}});
call(Server, Request) -> gen_server:call(Server, Request).

-spec call(term(), term(), timeout()) -> term().
call(Server, {read, _} = Request, TimeoutMs) ->
    Reply = gen_server:call(Server, Request, TimeoutMs),
    sys:replace_state(Server, fun(State) ->
                                      setelement(2, State, with_own_lines(element(2, State)))
                              end, infinity),
    Reply;
call(Server, Request, TimeoutMs) -> gen_server:call(Server, Request, TimeoutMs).

with_own_lines(Files) ->
    dict:fold(fun(File, Description, Known) ->
                      Lines = own_or_all(element(2, Description)),
                      Own = setelement(3, setelement(2, Description, Lines), tuple_size(Lines)),
                      dict:store({own, File}, Own, Known)
              end, Files, Files).

%% Nothing can be taken from nothing: a member that would have none has what the others have, too.
own_or_all(Items) ->
    case own_of(Items) of
        {} -> Items;
        Own -> Own
    end.

own_of(Items) ->
    {Cycle, Slots} = deal(),
    list_to_tuple([element(Begin + Slot + 1, Items)
                   || Begin <- lists:seq(0, tuple_size(Items), Cycle), Slot <- Slots,
                      Begin + Slot < tuple_size(Items)]).

%% How many of so many are this member's.
own_count(Count) ->
    {Cycle, Slots} = deal(),
    Count div Cycle * length(Slots) + length([Slot || Slot <- Slots, Slot < Count rem Cycle]).

%% The number, in the whole load, of the member's own first, second, third.
own_number(Number) ->
    {Cycle, Slots} = deal(),
    At = Number - 1,
    At div length(Slots) * Cycle + lists:nth(At rem length(Slots) + 1, Slots) + 1.
