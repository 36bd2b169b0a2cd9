%% The first errors of each kind.
-module(onager_errors_tests).

-include("assert.hrl").

the_first_five_of_each_kind_are_kept_test() ->
    onager_errors:create(),
    [onager_errors:seen(Name, 503, '') || Name <- lists:seq(1, 9)],
    [onager_errors:seen('', 0, error_connect_econnrefused) || _ <- lists:seq(1, 2)],
    ?assertEqual([{1, 503, ''}, {2, 503, ''}, {3, 503, ''}, {4, 503, ''}, {5, 503, ''},
                  {'', 0, error_connect_econnrefused}, {'', 0, error_connect_econnrefused}],
                 taken()).

each_is_taken_once_and_later_ones_are_not_the_first_test() ->
    onager_errors:create(),
    [onager_errors:seen(1, 404, '') || _ <- lists:seq(1, 3)],
    ?assertEqual(3, length(taken())),
    [onager_errors:seen(1, 404, '') || _ <- lists:seq(1, 3)],
    ?assertEqual(2, length(taken())),
    onager_errors:seen(1, 404, ''),
    ?assertEqual([], taken()).

users_at_once_do_not_exceed_five_test() ->
    onager_errors:create(),
    Users = [spawn_monitor(fun() -> [onager_errors:seen(1, 500, '') || _ <- lists:seq(1, 50)] end)
             || _ <- lists:seq(1, 20)],
    [receive {'DOWN', Ref, _, _, _} -> ok end || {_, Ref} <- Users],
    ?assertEqual(5, length(taken())).

taken() -> [{Name, Status, Error} || {_, Name, Status, Error} <- onager_errors:take()].
