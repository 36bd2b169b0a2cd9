%% Counts what users measured, in tables that every process of the virtual machine writes to itself:
%% no process stands between a user and its counter.
%%
%% A second has a table; some of them take turns, so that a second is drained only once nobody
%% writes to it any more. What a process that was held between reading the clock and writing has
%% counted is taken by a later drain: total by total, second/1 says which second it is of.
-module(onager_samples).

-export([create/0, add/3, drain/1, second/1, due/1, bucket/1, middle_us/1]).
-export_type([group/0, total/0]).

%% What is counted together. `Name`: of a request, see onager_names; of a transaction, its own.
%% `in_flight`: a request without an answer when the load ended.
-type kind() :: request | transaction | page | connect | in_flight.
-type group() :: {kind(), Name :: pos_integer() | atom(), Status :: non_neg_integer(),
                  Error :: atom()}.
%% `FirstUs`, `LastUs`: when the first of them began and the last ended, Unix time in microseconds.
-type total() :: {group(), Count :: pos_integer(), SumUs :: non_neg_integer(),
                  Bytes :: non_neg_integer(), MinUs :: non_neg_integer(),
                  MaxUs :: non_neg_integer(), FirstUs :: integer(), LastUs :: integer(),
                  [{Bucket :: non_neg_integer(), pos_integer()}]}.

%% A virtual machine that was held for shorter than this, in seconds, mixes no two of them.
-define(TABLES, 16).
%% Schedulers that count in rows of their own: a row that many write to at once is a queue.
-define(STRIPES, 16).
-define(LONGEST_US, 3600000000).
%% Above every number here, and small enough not to need memory of its own.
-define(NEVER, 16#ffffffffffffff).

%% The tables live as long as the process that calls this.
-spec create() -> ok.
create() ->
    Options = [public, set, {write_concurrency, true}, {decentralized_counters, true}],
    Tables = list_to_tuple([ets:new(?MODULE, Options) || _ <- lists:seq(1, ?TABLES)]),
    persistent_term:put(?MODULE, Tables).

%% `Ms`: milliseconds with a fraction, as Tsung measures them.
-spec add(group(), number(), non_neg_integer()) -> ok.
add(Group, Ms, Bytes) ->
    Us = max(round(Ms * 1000), 0),
    NowUs = os:system_time(microsecond),
    Table = table_of(NowUs div 1000000),
    ets:update_counter(Table, {Group, bucket(Us)}, 1, {none, 0}),
    StartUs = NowUs - Us,
    %% Nothing is added to the last four; a threshold of the same value makes each of them the
    %% smallest so far.
    Stripe = erlang:system_info(scheduler_id) rem ?STRIPES,
    ets:update_counter(Table, {Stripe, Group},
                       [{2, 1}, {3, Us}, {4, Bytes}, {5, 0, Us, Us}, {6, 0, -Us, -Us},
                        {7, 0, StartUs, StartUs}, {8, 0, -NowUs, -NowUs}],
                       {none, 0, 0, 0, ?NEVER, 0, ?NEVER, 0}),
    ok.

%% Takes all that a second's table holds.
-spec drain(Second :: integer()) -> [total()].
drain(Second) ->
    Table = table_of(Second),
    %% The groups first: a sample that comes meanwhile has counted its bucket before its group, so
    %% no group is taken without its buckets, and a bucket left alone is taken the next time.
    Rows = ets:select(Table, [{{'$1', '_', '_', '_', '_', '_', '_', '_'}, [], ['$1']}]),
    Groups = lists:foldl(fun({_, Group} = Row, Known) ->
                                 [Its] = ets:take(Table, Row),
                                 Known#{Group => joined(Its, maps:get(Group, Known, none))}
                         end, #{}, Rows),
    None = maps:map(fun(_, _) -> [] end, Groups),
    Keys = ets:select(Table, [{{'$1', '_'}, [], ['$1']}]),
    Buckets = lists:foldl(fun({Group, Bucket} = Key, Known) when is_map_key(Group, Known) ->
                                  [{_, Count}] = ets:take(Table, Key),
                                  Known#{Group := [{Bucket, Count} | maps:get(Group, Known)]};
                             (_, Known) -> Known
                          end, None, Keys),
    [total(Group, Its, maps:get(Group, Buckets)) || {Group, Its} <- maps:to_list(Groups)].

%% The rows of two schedulers.
joined(Its, none) -> Its;
joined({Row, CountA, SumA, BytesA, MinA, NegativeMaxA, FirstA, NegativeLastA},
       {_, CountB, SumB, BytesB, MinB, NegativeMaxB, FirstB, NegativeLastB}) ->
    {Row, CountA + CountB, SumA + SumB, BytesA + BytesB, min(MinA, MinB),
     min(NegativeMaxA, NegativeMaxB), min(FirstA, FirstB), min(NegativeLastA, NegativeLastB)}.

total(Group, {_, Count, SumUs, Bytes, MinUs, NegativeMaxUs, FirstUs, NegativeLastUs}, Buckets) ->
    {Group, Count, SumUs, Bytes, MinUs, -NegativeMaxUs, FirstUs, -NegativeLastUs,
     lists:sort(Buckets)}.

%% When all that is counted in it ended, Unix time.
-spec second(total()) -> integer().
second(Total) -> element(8, Total) div 1000000.

%% The seconds whose tables can hold something at this time, the oldest first.
-spec due(Second :: integer()) -> [integer()].
due(Second) -> lists:seq(Second - ?TABLES + 1, Second).

table_of(Second) -> element(Second rem ?TABLES + 1, persistent_term:get(?MODULE)).

%% The bucket of HdrHistogram with a lowest value of 1 µs and 3 significant digits.
-spec bucket(non_neg_integer()) -> non_neg_integer().
bucket(Us) when Us < 2048 -> Us;
bucket(Us) when Us > ?LONGEST_US -> bucket(?LONGEST_US);
bucket(Us) -> bucket(Us bsr 1, 1).

bucket(Us, Shift) when Us < 2048 -> (Shift bsl 10) + Us;
bucket(Us, Shift) -> bucket(Us bsr 1, Shift + 1).

%% The middle of a bucket.
-spec middle_us(non_neg_integer()) -> number().
middle_us(Bucket) when Bucket < 2048 -> Bucket;
middle_us(Bucket) ->
    Shift = (Bucket bsr 10) - 1,
    ((Bucket - (Shift bsl 10)) bsl Shift) + ((1 bsl Shift) - 1) / 2.
