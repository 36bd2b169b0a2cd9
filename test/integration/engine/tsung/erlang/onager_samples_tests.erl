%% Counting by many processes at once.
-module(onager_samples_tests).

-include("assert.hrl").

-define(GROUP, {request, 1, 200, ''}).

bucket_test() ->
    %% Each of the first has its own; then 1,024 for each doubling.
    [?assertEqual(Us, onager_samples:bucket(Us)) || Us <- lists:seq(0, 2047)],
    ?assertEqual(2048, onager_samples:bucket(2048)),
    ?assertEqual(2048, onager_samples:bucket(2049)),
    ?assertEqual(2049, onager_samples:bucket(2050)),
    ?assertEqual(onager_samples:bucket(3600000000), onager_samples:bucket(1 bsl 60)),
    [?assertEqual(Bucket, onager_samples:bucket(trunc(onager_samples:middle_us(Bucket))))
     || Bucket <- lists:seq(0, 22000)].

exact_sum_and_limits_test() ->
    onager_samples:create(),
    [onager_samples:add(?GROUP, Ms, 10) || Ms <- [1.5, 0.25, 7, 1.5]],
    [{?GROUP, 4, 10250, 40, 250, 7000, FirstUs, LastUs, Buckets}] = drain(),
    ?assertEqual(4, lists:sum([Times || {_, Times} <- Buckets])),
    ?assert(LastUs - FirstUs >= 7000),
    ?assertEqual([], drain()).

outcomes_are_told_apart_test() ->
    onager_samples:create(),
    Groups = [?GROUP, {request, 1, 500, ''}, {request, 2, 200, ''}, {request, 1, 0, error_x},
              {transaction, tr_a, 0, failed}],
    [onager_samples:add(Group, 1, 0) || Group <- Groups],
    ?assertEqual(lists:sort(Groups), lists:sort([element(1, Total) || Total <- drain()])).

what_each_scheduler_counts_is_one_total_test() ->
    onager_samples:create(),
    [counted_by(Scheduler, Ms) || {Scheduler, Ms} <- [{1, 2}, {2, 7}, {1, 0.5}]],
    [{?GROUP, 3, 9500, 30, 500, 7000, FirstUs, LastUs, Buckets}] = drain(),
    ?assertEqual([{500, 1}, {2000, 1}, {3798, 1}], Buckets),
    ?assert(LastUs - FirstUs >= 7000).

counted_by(Scheduler, Ms) ->
    Bound = min(Scheduler, erlang:system_info(schedulers)),
    Count = fun() -> onager_samples:add(?GROUP, Ms, 10) end,
    {_, Ref} = spawn_opt(Count, [{scheduler, Bound}, monitor]),
    receive {'DOWN', Ref, _, _, normal} -> ok end.

nothing_is_lost_while_many_count_and_one_drains_test_() ->
    {timeout, 60, fun() ->
        onager_samples:create(),
        Each = 20000,
        Users = [spawn_monitor(fun() -> [onager_samples:add(?GROUP, N rem 50, 1)
                                         || N <- lists:seq(1, Each)] end) || _ <- lists:seq(1, 8)],
        Before = drain_until_all_ended(Users, []),
        Totals = Before ++ drain(),
        ?assertEqual(8 * Each, lists:sum([element(2, Total) || Total <- Totals])),
        ?assertEqual(8 * Each, lists:sum([Times || Total <- Totals,
                                                   {_, Times} <- element(9, Total)]))
    end}.

drain_until_all_ended([], Totals) -> Totals;
drain_until_all_ended([{_, Ref} | Others] = Users, Totals) ->
    receive {'DOWN', Ref, _, _, normal} -> drain_until_all_ended(Others, Totals)
    after 10 -> drain_until_all_ended(Users, drain() ++ Totals)
    end.

drain() ->
    lists:flatmap(fun onager_samples:drain/1, onager_samples:due(os:system_time(second))).
