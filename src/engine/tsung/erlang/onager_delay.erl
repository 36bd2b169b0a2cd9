%% Measures the generator's own delay: how late this virtual machine does what is due, which is in
%% every duration that a user measures.
%%
%% A process asks for a timer every tenth of a second and keeps by how much each comes late, and how
%% many processes wait for a scheduler then. It runs at the priority of a user's process, because it
%% has to wait as long as they do: at a higher one it would pass all of those that wait, and show a
%% saturated machine as an idle one. The moments are given as points in time, in whole milliseconds
%% as Erlang's timers have them. A timer that is asked for by its length begins within such a
%% millisecond, and is late by the rest of it even where nobody else is at work.
%%
%% A timer that is overdue when another comes counts as well. Otherwise a machine that stood still
%% for a second would have been late once, and not during all of that second.
-module(onager_delay).

-export([create/0, start/0, stop/0, take/1]).
-export_type([delays/0]).

%% `Looks`: how often the run queue was looked at. `QueueSum`, `QueueMost`: its lengths.
-type delays() :: {Count :: pos_integer(), SumUs :: non_neg_integer(), MinUs :: non_neg_integer(),
                   MaxUs :: non_neg_integer(),
                   [{Bucket :: non_neg_integer(), pos_integer()}],
                   Looks :: pos_integer(), QueueSum :: non_neg_integer(),
                   QueueMost :: non_neg_integer()}.

%% Not a part of a second: what happens once a second would else always meet a timer, or never.
-define(EVERY_MS, 101).
%% Of a machine that stood still for longer than an hour, the first hour counts.
-define(MOST_OVERDUE, 36000).

%% The table lives as long as the process that calls this.
-spec create() -> ok.
create() ->
    persistent_term:put(?MODULE, ets:new(?MODULE, [public, ordered_set])).

%% Once the table is there.
-spec start() -> ok.
start() ->
    case whereis(?MODULE) of
        undefined ->
            register(?MODULE, spawn(fun() -> loop(now_us() div 1000 + ?EVERY_MS) end)),
            ok;
        _ -> ok
    end.

%% From here on the load ends: what is late now is late for no user.
-spec stop() -> ok.
stop() -> catch exit(whereis(?MODULE), kill), ok.

%% Those of this second and of all before that were not taken yet.
-spec take(Second :: integer()) -> delays() | none.
take(Second) ->
    Table = persistent_term:get(?MODULE),
    Keys = ets:select(Table, [{{{'$1', '$2'}, '_', '_'}, [{'=<', '$1', Second}],
                               [{{'$1', '$2'}}]}]),
    case [Row || Key <- Keys, Row <- ets:take(Table, Key)] of
        [] -> none;
        Rows -> total(Rows)
    end.

total(Rows) ->
    Delays = [LateUs - Before * ?EVERY_MS * 1000
              || {_, LateUs, _} <- Rows,
                 Before <- lists:seq(0, min(overdue(LateUs), ?MOST_OVERDUE))],
    Queues = [Queue || {_, _, Queue} <- Rows],
    Buckets = lists:foldl(fun(Us, Counts) ->
                                  maps:update_with(onager_samples:bucket(Us),
                                                   fun(Times) -> Times + 1 end, 1, Counts)
                          end, #{}, Delays),
    {length(Delays), lists:sum(Delays), lists:min(Delays), lists:max(Delays),
     lists:sort(maps:to_list(Buckets)), length(Queues), lists:sum(Queues), lists:max(Queues)}.

loop(DueMs) ->
    erlang:start_timer(DueMs, self(), due, [{abs, true}]),
    receive {timeout, _, due} -> ok end,
    Queue = erlang:statistics(total_run_queue_lengths),
    LateUs = max(now_us() - DueMs * 1000, 0),
    Key = {os:system_time(second), erlang:unique_integer([monotonic])},
    ets:insert(persistent_term:get(?MODULE), {Key, LateUs, Queue}),
    loop(DueMs + (1 + overdue(LateUs)) * ?EVERY_MS).

%% How many timers more were due when one came so late.
overdue(LateUs) -> LateUs div (?EVERY_MS * 1000).

now_us() -> erlang:monotonic_time(microsecond).
