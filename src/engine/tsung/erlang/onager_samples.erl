%% Counts what users measured, in tables that every process of the virtual machine writes to itself:
%% no process stands between a user and its counter.
%%
%% A second has a table; four of them take turns, so that a second is drained only once nobody
%% writes to it any more. A process that was held between reading the clock and writing counts in a
%% later drain of the same table: a sample may appear four seconds late, and none is lost.
-module(onager_samples).

-export([create/0, add/3, drain/1, due/1, bucket/1]).
-export_type([group/0, total/0]).

%% What is counted together. `Name` and `Transaction`: see onager_names; 0 for none.
-type kind() :: request | transaction | page | connect.
-type group() :: {kind(), Name :: term(), Transaction :: term(), Status :: 0..999, Error :: atom()}.
-type total() :: {group(), Count :: pos_integer(), SumUs :: non_neg_integer(),
                  Bytes :: non_neg_integer(), MinUs :: non_neg_integer(),
                  MaxUs :: non_neg_integer(), [{Bucket :: non_neg_integer(), pos_integer()}]}.

-define(TABLES, 4).
-define(LONGEST_US, 3600000000).
-define(NEVER, 16#ffffffffffff).

-spec create() -> ok.
create() ->
    Options = [public, set, {write_concurrency, true}, {decentralized_counters, true}],
    Tables = list_to_tuple([ets:new(?MODULE, Options) || _ <- lists:seq(1, ?TABLES)]),
    persistent_term:put(?MODULE, Tables).

%% `Ms`: milliseconds with a fraction, as Tsung measures them.
-spec add(group(), number(), non_neg_integer()) -> ok.
add(Group, Ms, Bytes) ->
    Us = max(round(Ms * 1000), 0),
    Table = table_of(os:system_time(second)),
    ets:update_counter(Table, {Group, bucket(Us)}, 1, {none, 0}),
    %% A threshold of the same value makes each of the last two the smallest so far.
    ets:update_counter(Table, Group,
                       [{2, 1}, {3, Us}, {4, Bytes}, {5, 0, Us, Us}, {6, 0, -Us, -Us}],
                       {none, 0, 0, 0, ?NEVER, 0}),
    ok.

%% Takes all that a second's table holds.
-spec drain(Second :: integer()) -> [total()].
drain(Second) ->
    Table = table_of(Second),
    Keys = ets:select(Table, [{{'$1', '_'}, [], ['$1']}]),
    Buckets = lists:foldl(fun(Key = {Group, Bucket}, Map) ->
                                  [{_, Count}] = ets:take(Table, Key),
                                  maps:update_with(Group, fun(L) -> [{Bucket, Count} | L] end,
                                                   [{Bucket, Count}], Map)
                          end, #{}, Keys),
    Groups = ets:select(Table, [{{'$1', '_', '_', '_', '_', '_'}, [], ['$1']}]),
    [total(hd(ets:take(Table, Group)), maps:get(Group, Buckets, [])) || Group <- Groups].

total({Group, Count, SumUs, Bytes, MinUs, NegativeMaxUs}, Buckets) ->
    {Group, Count, SumUs, Bytes, MinUs, -NegativeMaxUs, lists:sort(Buckets)}.

%% The seconds whose tables can hold something at this time, the oldest first.
-spec due(Second :: integer()) -> [integer()].
due(Second) -> lists:seq(Second - ?TABLES + 1, Second).

table_of(Second) -> element(Second rem ?TABLES + 1, persistent_term:get(?MODULE)).

%% The bucket of HdrHistogram with a lowest value of 1 µs and 3 significant digits.
-spec bucket(non_neg_integer()) -> non_neg_integer().
bucket(Us) when Us < 2048 -> Us;
bucket(Us) when Us >= ?LONGEST_US -> bucket(?LONGEST_US - 1) + 1;
bucket(Us) -> bucket(Us bsr 1, 1).

bucket(Us, Shift) when Us < 2048 -> Shift bsl 10 + Us;
bucket(Us, Shift) -> bucket(Us bsr 1, Shift + 1).
