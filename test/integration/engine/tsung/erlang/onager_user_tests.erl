%% What a user's process knows of its requests and transactions.
-module(onager_user_tests).

-include("assert.hrl").

a_request_has_the_status_of_its_own_answer_test() ->
    ?assertEqual([{{request, 1, 0, error_no_http_status}, 1}, {{request, 1, 500, ''}, 1}],
                 counted(fun() ->
                                 ask({http, 1}), onager_user:answered(500), answer(),
                                 ask({http, 1}), answer()
                         end)).

a_status_that_http_does_not_have_is_an_error_test() ->
    ?assertEqual([{{request, 1, 0, error_bad_http_status}, 4}],
                 counted(fun() ->
                                 [begin ask({http, 1}), onager_user:answered(Status), answer() end
                                  || Status <- [-12, 0, 99, 600]]
                         end)).

a_request_that_nobody_asked_for_is_counted_test() ->
    ?assertEqual([{{request, '', 0, ''}, 1}], counted(fun() -> answer() end)).

other_protocols_have_no_status_test() ->
    ?assertEqual([{{request, 7, 0, ''}, 1}], counted(fun() -> ask({other, 7}), answer() end)).

an_error_belongs_to_one_request_only_test() ->
    ?assertEqual([{{request, 1, 200, ''}, 1}, {{request, 1, 200, error_http_bad}, 1}],
                 counted(fun() ->
                                 ask({http, 1}), onager_user:answered(200),
                                 put(protocol_error, error_http_bad), answer(),
                                 ask({http, 1}), onager_user:answered(200), answer()
                         end)).

a_transaction_fails_with_a_request_in_it_test() ->
    ?assertEqual([{{transaction, tr_a, 0, ''}, 1}, {{transaction, tr_a, 0, failed}, 2},
                  {{transaction, tr_outer, 0, failed}, 1}],
                 transactions(fun() ->
                                      start(tr_a), request(200), stop(tr_a),
                                      start(tr_outer),
                                      start(tr_a), request(404), request(200), stop(tr_a),
                                      stop(tr_outer),
                                      start(tr_a), onager_user:erred(error_timeout), stop(tr_a)
                              end)).

counters_that_are_no_errors_fail_nothing_test() ->
    ?assertEqual([{{transaction, tr_a, 0, ''}, 1}],
                 transactions(fun() ->
                                      start(tr_a), onager_user:erred(match), request(200),
                                      stop(tr_a), onager_user:erred(error_abort)
                              end)).

the_parts_of_a_long_answer_are_added_test() ->
    onager_samples:create(),
    onager_errors:create(),
    ask({http, 1}),
    onager_user:received(1000),
    onager_user:received(500),
    onager_user:measured(request, 2.0, 24),
    ask({http, 1}),
    onager_user:measured(request, 2.0, 7),
    [Total] = drain(),
    ?assertEqual(1531, element(4, Total)).

an_error_is_of_the_request_that_the_user_was_about_test() ->
    counted(fun() ->
                    onager_user:erred(error_connect_econnrefused),
                    ask({http, 4}), onager_user:erred(error_connect_etimedout),
                    onager_user:answered(500), answer(),
                    onager_user:erred(error_abort)
            end),
    ?assertEqual([{'', 0, error_connect_econnrefused}, {4, 0, error_connect_etimedout},
                  {4, 500, ''}],
                 [{Name, Status, Error} || {_, Name, Status, Error} <- onager_errors:take()]).

%% Why it crashed is counted elsewhere.
a_crash_fails_what_is_open_and_is_no_error_itself_test() ->
    ?assertEqual([{{transaction, tr_a, 0, failed}, 1}],
                 transactions(fun() ->
                                      start(tr_a), onager_user:erred(error_unknown), stop(tr_a)
                              end)),
    ?assertEqual([], onager_errors:take()).

the_code_that_a_user_runs_is_known_until_its_next_action_test() ->
    Code = fun(Action) -> onager_user:acts(Action, none), onager_user:code() end,
    ?assertEqual(eval, Code({setdynvars, code, fun erlang:hd/1, [v]})),
    ?assertEqual({my_mod, token, 1}, Code({setdynvars, erlang, {my_mod, token}, [v]})),
    ?assertEqual(undefined, Code({setdynvars, value, {string, "x"}, [v]})).

a_request_without_an_answer_at_the_end_is_in_flight_test() ->
    ?assertEqual([{{in_flight, 3, 0, ''}, 1}],
                 counted(fun() -> ask({http, 3}), {wait_ack, s} = onager_user:stopped({wait_ack, s})
                         end)),
    ?assertEqual([], counted(fun() -> {think, s} = onager_user:stopped({think, s}) end)).

ask(Naming) -> onager_user:acts({ts_request}, Naming).
answer() -> onager_user:measured(request, 1.0, 10).
request(Status) -> ask({http, 1}), onager_user:answered(Status), answer().
start(Name) -> onager_user:acts({transaction, start, Name}, none).
stop(Name) ->
    onager_user:acts({transaction, stop, Name}, none),
    onager_user:measured(Name, 5.0, 0).

transactions(Fun) -> [One || {{transaction, _, _, _}, _} = One <- counted(Fun)].

%% In a process of its own, as a user is.
counted(Fun) ->
    onager_samples:create(),
    onager_errors:create(),
    {Pid, Ref} = spawn_monitor(Fun),
    receive {'DOWN', Ref, _, Pid, normal} -> ok end,
    lists:sort([{element(1, Total), element(2, Total)} || Total <- drain()]).

drain() ->
    lists:flatmap(fun onager_samples:drain/1, onager_samples:due(os:system_time(second))).
