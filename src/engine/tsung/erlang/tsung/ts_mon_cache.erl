%% Takes the place of Tsung's module of this name: takes what users measure and count.
%%
%% Durations go to onager_samples, in the process of the user that measured them. Counters are
%% added up in a table and handed to Tsung's statistics twice a second, as in Tsung. Where rows are
%% written, Tsung writes them itself (ts_local_mon).
-module(ts_mon_cache).

-behaviour(gen_server).

-export([start/0, add/1, add_match/2, dump/1]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

-define(HAND_OVER_MS, 500).

-spec start() -> gen_server:start_ret().
start() -> gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

-spec add(tuple() | [tuple()]) -> ok.
add([{sample, request, Ms}, {sum, size_rcv, Bytes} | Others]) ->
    onager_user:measured(request, Ms, Bytes),
    count(size_rcv, Bytes),
    add(Others);
add([]) -> ok;
add([First | Others]) -> add(First), add(Others);
add({sample, Kind, Ms}) -> onager_user:measured(Kind, Ms, 0);
add({sum, size_rcv, Bytes}) -> onager_user:received(Bytes), count(size_rcv, Bytes);
add({sum, Counter, Value}) -> count(Counter, Value);
add({count, Status}) when is_integer(Status) -> onager_user:answered(Status), count(Status, 1);
add({count, Counter}) -> onager_user:erred(Counter), count(Counter, 1);
add(Other) -> gen_server:cast(?MODULE, {other, Other}).

-spec add_match([tuple()], tuple()) -> ok.
add_match(Counts, {User, Session, Request, Transactions, Name}) ->
    add_match(Counts, {User, Session, Request, [], Transactions, Name});
add_match(Counts = [First | _], {User, Session, Request, Data, Transactions, Name}) ->
    put(last_match, First),
    add(Counts),
    Match = {User, Session, Request, erlang:timestamp(), First, Data, Transactions, Name},
    gen_server:cast(?MODULE, {match, Match}).

-spec dump(tuple()) -> ok.
dump(_) -> ok.

init([]) ->
    ets:new(?MODULE, [named_table, public, set, {write_concurrency, true},
                      {decentralized_counters, true}]),
    ok = onager_recorder:start(os:getenv("ONAGER_RECORDS")),
    ok = onager_delay:start(),
    erlang:start_timer(?HAND_OVER_MS, self(), dump_stats),
    {ok, {[], []}}.

handle_call(_, _From, State) -> {reply, ok, State}.

handle_cast({other, Other}, {Others, Matches}) -> {noreply, {[Other | Others], Matches}};
handle_cast({match, Match}, {Others, Matches}) -> {noreply, {Others, [Match | Matches]}};
handle_cast(_, State) -> {noreply, State}.

handle_info({timeout, _, dump_stats}, {Others, Matches}) ->
    Counters = [{sum, Counter, Value} || {Key, _} <- ets:tab2list(?MODULE),
                                         {{_, Counter}, Value} <- ets:take(?MODULE, Key)],
    ts_stats_mon:add(Counters ++ Others),
    ts_match_logger:add(Matches),
    erlang:start_timer(?HAND_OVER_MS, self(), dump_stats),
    {noreply, {[], []}};
handle_info(_, State) -> {noreply, State}.

%% Each scheduler has its own: what all users count would be a queue.
count(Counter, Value) ->
    ets:update_counter(?MODULE, {erlang:system_info(scheduler_id), Counter}, Value, {none, 0}),
    ok.
