%% What somebody died of, as the name of a counter.
-module(onager_reason_tests).

-include("assert.hrl").

-define(NEXT_ACTION, {ts_client, handle_next_action, 1, [{file, "ts_client.erl"}, {line, 461}]}).

the_first_function_that_is_not_erlangs_own_is_named_test() ->
    ?assertEqual('error_crash@user@tsung@ts_dynvars@set@3@function_clause',
                 of_user({function_clause, [{ts_dynvars, set, [[a], 1, []], []}, ?NEXT_ACTION]})),
    Loop = 'error_crash@user@tsung@ts_client@ctrl_struct_impl@2@badarg@erlang@list_to_integer@1',
    ?assertEqual(Loop,
                 of_user({badarg, [{erlang, list_to_integer, ["abc"], []},
                                   {ts_client, ctrl_struct_impl, 2, []}, ?NEXT_ACTION]})),
    ?assertEqual('error_crash@user@onager@onager_user@acts@2@badmatch',
                 of_user({{badmatch, 1}, [{onager_user, acts, 2, []}, ?NEXT_ACTION]})).

code_of_the_scenario_is_not_tsungs_test() ->
    Own = {?MODULE, token, 1, []},
    ?assertEqual('error_crash@user@own@onager_reason_tests@token@1@badmatch',
                 of_user({{badmatch, 1}, [Own, ?NEXT_ACTION]})),
    Inner = {?MODULE, '-token/1-fun-0-', 2, []},
    ?assertEqual('error_crash@user@own@onager_reason_tests@token@1@badkey@maps@get@2',
                 of_user({{badkey, a}, [{maps, get, [a, #{}], []}, Inner, ?NEXT_ACTION]})),
    ?assertEqual('error_crash@user@eval@badmatch',
                 of_user({{badmatch, 2}, [{erl_eval, expr, 6, []}, ?NEXT_ACTION]})).

a_module_that_is_not_there_is_the_scenarios_where_tsung_was_given_its_name_test() ->
    ?assertEqual('error_crash@user@own@accounts@next@1@undef',
                 of_user({undef, [{accounts, next, [{x, y}], []}, ?NEXT_ACTION]})),
    ?assertEqual('error_crash@user@tsung@ts_http@parse@2@undef@gone@parse@1',
                 of_user({undef, [{gone, parse, [1], []}, {ts_http, parse, 2, []}, ?NEXT_ACTION]})).

code_that_left_the_stack_by_a_last_call_is_known_from_the_action_test() ->
    Reason = {badarg, [{erlang, list_to_integer, ["x"], []}, ?NEXT_ACTION]},
    ?assertEqual('error_crash@user@eval@badarg@erlang@list_to_integer@1', of_user(Reason, eval)),
    ?assertEqual('error_crash@user@own@my_mod@token@1@badarg@erlang@list_to_integer@1',
                 of_user(Reason, {my_mod, token, 1})),
    ?assertEqual('error_crash@user@eval@stopped', of_user(stopped, eval)),
    %% It was given back, and then Tsung failed.
    ?assertEqual('error_crash@user@tsung@ts_dynvars@set@3@function_clause',
                 of_user({function_clause, [{ts_dynvars, set, 3, []}, ?NEXT_ACTION]}, eval)).

what_has_no_stack_is_named_by_its_kind_test() ->
    ?assertEqual('error_crash@user@none@set_profile_error', of_user(set_profile_error)),
    ?assertEqual('error_crash@user@none@timeout@gen_server@call@2',
                 of_user({timeout, {gen_server, call, [ts_user_server, get_id]}})),
    ?assertEqual('error_crash@ts_launcher@none@unknown', named(ts_launcher, "why", undefined)).

errors_of_connections_that_are_no_atom_are_no_crash_test() ->
    Of = fun(Why, In) ->
                 of_user({badarg, [{erlang, atom_to_list, [Why], []}, {ts_client, In, 5, []}]})
         end,
    ?assertEqual(error_connect_tls_unknown_ca,
                 Of({tls_alert, {unknown_ca, "TLS client: ..."}}, reconnect)),
    ?assertEqual(error_connect_tls_wrong_name,
                 Of({tls_alert, {handshake_failure, "Fatal - Handshake Failure\n"
                                 " {bad_cert,hostname_check_failed}"}}, reconnect)),
    ?assertEqual(error_connect_tls_options,
                 Of({options, incompatible, [{verify, verify_peer}, {cacerts, undefined}]},
                    reconnect)),
    ?assertEqual(error_send_tls_bad_record_mac,
                 Of({tls_alert, {bad_record_mac, ""}}, handle_next_request)),
    ?assertEqual(error_inet_tls_close_notify,
                 Of({tls_alert, {close_notify, ""}}, handle_info2)).

nothing_of_a_value_is_in_a_name_or_in_the_log_test() ->
    Secret = "hunter2",
    Reasons = [{{badmatch, Secret}, [{ts_http, parse, [Secret], [{cause, Secret}]}, ?NEXT_ACTION]},
               {{case_clause, #{a => Secret}}, [{erl_eval, expr, 6, [{error_info, Secret}]}]},
               {Secret, [{maps, get, [Secret, #{}], []}]}, Secret, {Secret}, {{{Secret}}},
               {stopped, [{Secret, Secret, Secret, Secret}]},
               {stopped, [{a, b, Secret, Secret} | c]},
               {{nocatch, Secret}, {gen_server, call, [Secret, Secret]}},
               {badarg, [{erlang, atom_to_list, [{Secret, Secret}], []},
                         {ts_client, reconnect, [Secret], []}]}],
    [?assertEqual([], [found || string:find(Text, Secret) =/= nomatch])
     || Reason <- Reasons,
        Text <- [atom_to_list(of_user(Reason)),
                 lists:flatten(io_lib:format("~p", [onager_reason:bare(Reason)]))]].

what_has_a_meaning_in_a_log_is_no_part_of_a_name_and_a_name_is_short_test() ->
    Long = list_to_atom(lists:duplicate(255, $x)),
    Frame = {'my mod@\n', 'do-it!', 1, []},
    ?assertEqual('error_crash@user@none@a_b_c', of_user('a b\nc')),
    ?assertEqual('error_crash@user@own@my_mod__@do@it_@undef',
                 of_user({undef, [Frame, ?NEXT_ACTION]})),
    ?assertEqual(true, length(atom_to_list(of_user({Long, [{Long, Long, 1, []}]}))) =< 255).

of_user(Reason) -> of_user(Reason, undefined).

of_user(Reason, Code) -> named(user, Reason, Code).

named(Who, Reason, Code) ->
    onager_reason:start(),
    onager_reason:counter(Who, onager_reason:short(Reason), Code).
