%% How late the virtual machine is.
-module(onager_delay_tests).

-include("assert.hrl").

-define(SECOND, 1700000000).

none_test() ->
    onager_delay:create(),
    ?assertEqual(none, onager_delay:take(?SECOND)).

a_second_is_taken_once_with_what_came_late_and_without_what_follows_test() ->
    onager_delay:create(),
    [late(Second, LateUs, Queue) || {Second, LateUs, Queue} <- [{?SECOND - 2, 90, 0},
                                                                {?SECOND, 5000, 7},
                                                                {?SECOND, 90, 2},
                                                                {?SECOND + 1, 60, 0}]],
    ?assertEqual({3, 5180, 90, 5000, [{90, 2}, {onager_samples:bucket(5000), 1}], 3, 9, 7},
                 onager_delay:take(?SECOND)),
    ?assertEqual(none, onager_delay:take(?SECOND)),
    ?assertEqual({1, 60, 60, 60, [{60, 1}], 1, 0, 0}, onager_delay:take(?SECOND + 1)).

%% In a second of standstill ten timers are due, each a tenth of a second later than the next.
all_that_a_standstill_made_late_count_test() ->
    onager_delay:create(),
    late(?SECOND, 1000000, 40),
    {10, SumUs, 91000, 1000000, Buckets, 1, 40, 40} = onager_delay:take(?SECOND),
    ?assertEqual(lists:sum([1000000 - 101000 * Before || Before <- lists:seq(0, 9)]), SumUs),
    ?assertEqual(10, lists:sum([Times || {_, Times} <- Buckets])).

a_year_of_standstill_is_an_hour_test() ->
    onager_delay:create(),
    late(?SECOND, 365 * 86400 * 1000000, 0),
    {36001, _, _, _, _, 1, 0, 0} = onager_delay:take(?SECOND).

timers_are_measured_at_the_priority_of_users_until_the_end_test_() ->
    {timeout, 30, fun() ->
        onager_delay:create(),
        ok = onager_delay:start(),
        ok = onager_delay:start(),
        Pid = whereis(onager_delay),
        {Count, _, MinUs, MaxUs, _, Looks, _, _} = taken(),
        ?assertEqual({priority, normal}, process_info(Pid, priority)),
        ?assert(Count >= Looks andalso MaxUs >= MinUs),
        Ref = monitor(process, Pid),
        ok = onager_delay:stop(),
        receive {'DOWN', Ref, _, _, _} -> ok end,
        ok = onager_delay:stop()
    end}.

%% Users that compute leave the others no scheduler: that is what is to be seen.
what_waits_for_a_scheduler_is_late_test_() ->
    {timeout, 60, fun() ->
        onager_delay:create(),
        Busy = [spawn_link(fun busy/0) || _ <- lists:seq(1, 20 * erlang:system_info(schedulers))],
        ok = onager_delay:start(),
        ok = waited(),
        [begin unlink(Pid), exit(Pid, kill) end || Pid <- Busy],
        onager_delay:stop()
    end}.

%% At first they may all be with another scheduler.
waited() ->
    case taken() of
        {_, _, _, MaxUs, _, _, _, QueueMost} when QueueMost > 0, MaxUs > 1000 -> ok;
        _ -> waited()
    end.

busy() -> _ = lists:sum(lists:seq(1, 1000)), busy().

taken() ->
    case onager_delay:take(os:system_time(second)) of
        none -> timer:sleep(10), taken();
        Delays -> Delays
    end.

late(Second, LateUs, Queue) ->
    Key = {Second, erlang:unique_integer()},
    ets:insert(persistent_term:get(onager_delay), {Key, LateUs, Queue}).
