%% Measures the generator's own delay: how late this virtual machine does what is due.
%%
%% A process asks for a timer every 100 ms. What a timer comes late, an arrival, a think time and
%% the clock that is read when an answer is there come late as well, so it is in every duration.
-module(onager_delay).

-export([start/0, take/0]).

-define(EVERY_US, 100000).

start() ->
    register(?MODULE, spawn(fun() -> loop(now_us() + ?EVERY_US, [], 0) end)).

%% The delays since the last call, in microseconds, and the longest run queue seen.
-spec take() -> {[non_neg_integer()], non_neg_integer()}.
take() ->
    ?MODULE ! {take, self()},
    receive {?MODULE, Delays, Queue} -> {Delays, Queue} after 1000 -> {[], 0} end.

loop(DueUs, Delays, Queue) ->
    receive
        {take, From} ->
            From ! {?MODULE, Delays, Queue},
            loop(DueUs, [], 0)
    after max((DueUs - now_us()) div 1000, 0) ->
            Late = now_us() - DueUs,
            if Late < 0 -> loop(DueUs, Delays, Queue);
               true -> loop(DueUs + ?EVERY_US * (1 + Late div ?EVERY_US), [Late | Delays],
                            max(Queue, erlang:statistics(run_queue)))
            end
    end.

now_us() -> erlang:monotonic_time(microsecond).
