%% What is counted and written of users that crash.
-module(onager_crashes_tests).

-include("assert.hrl").

-define(STACK, [{ts_dynvars, set, [secret], []}, {gen_fsm, handle_msg, 8, []}]).

-record(state_rcv, {fields}).

each_user_is_counted_and_the_first_five_are_written_test() ->
    alone(fun() ->
                  Written = [user(fun() -> crash({function_clause, ?STACK}) end)
                             || _ <- lists:seq(1, 9)],
                  ?assertEqual(lists:duplicate(4, stop), lists:nthtail(5, Written)),
                  ?assertEqual([], [stop || stop <- lists:sublist(Written, 5)]),
                  ?assertEqual([{'error_crash@user@tsung@ts_dynvars@set@1@function_clause', 9}],
                               counted()),
                  ?assertEqual(5, length(onager_errors:take()))
          end).

nothing_that_a_user_knew_is_written_test() ->
    alone(fun() ->
                  #{msg := {report, Report}} =
                      user(fun() -> crash({{badmatch, secret}, ?STACK}) end),
                  Text = lists:flatten(io_lib:format("~p", [Report])),
                  ?assertEqual(nomatch, string:find(Text, "secret")),
                  ?assert(string:find(Text, "ts_dynvars,set,1") =/= nomatch)
          end).

the_reports_that_follow_are_not_counted_again_test() ->
    alone(fun() ->
                  Pid = self(),
                  Stops = user(fun() ->
                                       crash({function_clause, ?STACK}),
                                       Pid ! {died, self()},
                                       onager_crashes:filter(crash_report(), none)
                               end),
                  ?assertEqual(stop, Stops),
                  User = receive {died, Died} -> Died end,
                  ?assertEqual(stop, onager_crashes:filter(terminated(User, reason), none)),
                  ?assertEqual(1, lists:sum([Count || {_, Count} <- counted()])),
                  ?assertEqual(0, ended())
          end).

%% Nothing in its own process can say so.
a_user_that_dies_with_a_linked_process_is_counted_and_ended_test() ->
    alone(fun() ->
                  User = spawn(fun() -> ok end),
                  Report = terminated(User, {{badmatch, 1}, ?STACK}),
                  ?assertEqual(stop, onager_crashes:filter(Report, none)),
                  ?assertEqual([{'error_crash@user@tsung@ts_dynvars@set@1@badmatch', 1}],
                               counted()),
                  ?assertEqual(1, ended())
          end).

a_user_that_dies_before_it_begins_is_counted_and_ended_test() ->
    alone(fun() ->
                  user(fun() -> onager_crashes:filter(crash_report(), none) end),
                  ?assertEqual([{'error_crash@user@tsung@ts_client@init@1@badarg', 1}], counted()),
                  ?assertEqual(1, ended())
          end).

parts_of_tsung_are_told_apart_from_users_test() ->
    alone(fun() ->
                  process(ts_launcher, fun() -> crash({badarith, ?STACK}) end),
                  ?assertEqual([{'error_crash@ts_launcher@tsung@ts_dynvars@set@1@badarith', 1}],
                               counted())
          end).

%% Which would be too many in a table that people read.
reasons_are_bounded_test() ->
    alone(fun() ->
                  Names = [list_to_atom("reason_" ++ integer_to_list(N))
                           || N <- lists:seq(1, 300)],
                  [user(fun() -> crash({Name, ?STACK}) end) || Name <- Names],
                  ?assertEqual(101, length(counted())),
                  ?assertEqual({'error_crash@other', 200},
                               lists:keyfind('error_crash@other', 1, counted()))
          end).

many_at_once_are_counted_exactly_and_written_five_times_test() ->
    alone(fun() ->
                  Self = self(),
                  Users = [spawn_monitor(fun() ->
                                                 as(ts_client),
                                                 Self ! {result, crash({badarith, ?STACK})}
                                         end) || _ <- lists:seq(1, 2000)],
                  [receive {'DOWN', Ref, _, _, _} -> ok end || {_, Ref} <- Users],
                  Results = [receive {result, Result} -> Result end || _ <- Users],
                  ?assertEqual(5, length([written || #{} <- Results])),
                  ?assertEqual([{'error_crash@user@tsung@ts_dynvars@set@1@badarith', 2000}],
                               counted())
          end).

what_tsung_says_of_each_crash_is_left_out_and_its_other_words_are_not_test() ->
    alone(fun() ->
                  Said = fun(Words) ->
                                 onager_crashes:filter(
                                   #{level => notice, meta => #{},
                                     msg => {report, #{label => {error_logger, info_msg},
                                                       format => "~20s:(~p:~p) " ++ Words,
                                                       args => [ts_client, 5, self(), secret]}}},
                                   none)
                         end,
                  ?assertEqual(stop, Said("Stop in state ~p, reason= ~p~n")),
                  ?assertEqual(ignore, Said("Session ending ~n"))
          end).

a_process_of_the_scenario_is_written_five_times_and_not_counted_test() ->
    alone(fun() ->
                  Event = #{level => error, meta => #{error_logger => #{emulator => true}},
                            msg => {"Error in process ~p with exit value:~n~p~n",
                                    [self(), {{badmatch, secret}, ?STACK}]}},
                  Written = [onager_crashes:filter(Event, none) || _ <- lists:seq(1, 7)],
                  ?assertEqual(2, length([stop || stop <- Written])),
                  ?assertEqual(nomatch,
                               string:find(io_lib:format("~p", [hd(Written)]), "secret")),
                  ?assertEqual([], counted())
          end).

what_is_no_crash_is_written_and_what_is_no_report_is_not_test() ->
    alone(fun() ->
                  ?assertEqual(ignore,
                               onager_crashes:filter(#{level => error, meta => #{},
                                                       msg => {string, "x"}}, none)),
                  %% It lacks a reason.
                  ?assertEqual(stop,
                               onager_crashes:filter(#{level => error, meta => #{},
                                                       msg => {report,
                                                               #{label => {gen_fsm, terminate}}}},
                                                     none))
          end).

%% The tables go with the process.
alone(Test) ->
    {_, Ref} = spawn_monitor(fun() ->
                                     ets:new(ts_mon_cache, [named_table, public]),
                                     onager_errors:create(),
                                     ok = onager_crashes:start(),
                                     global:register_name(ts_mon, self()),
                                     Result = (catch Test()),
                                     logger:remove_primary_filter(onager_crashes),
                                     exit({result, Result})
                             end),
    receive
        {'DOWN', Ref, _, _, {result, {'EXIT', Reason}}} -> error(Reason);
        {'DOWN', Ref, _, _, {result, _}} -> ok
    end.

user(Does) -> process(ts_client, Does).

process(Module, Does) ->
    Self = self(),
    {Pid, Ref} = spawn_monitor(fun() -> as(Module), Self ! {self(), Does()} end),
    receive {'DOWN', Ref, _, _, _} -> ok end,
    receive {Pid, Result} -> Result after 0 -> none end.

as(Module) -> put('$initial_call', {Module, init, 1}).

crash(Reason) ->
    onager_crashes:filter(#{level => error, meta => #{},
                            msg => {report, #{label => {gen_fsm, terminate}, name => self(),
                                              last_message => secret, state_name => think,
                                              state_data => #state_rcv{fields = secret},
                                              log => [secret], reason => Reason}}}, none).

crash_report() ->
    Stack = [{ts_client, init, [secret], []}],
    #{level => error, meta => #{},
      msg => {report, #{label => {proc_lib, crash},
                        report => [[{error_info, {error, badarg, Stack}}], []]}}}.

terminated(User, Reason) ->
    #{level => error, meta => #{},
      msg => {report, #{label => {supervisor, child_terminated},
                        report => [{supervisor, {local, ts_client_sup}}, {reason, Reason},
                                   {offender, [{pid, User}]}]}}}.

%% Each scheduler has counters of its own.
counted() ->
    Add = fun({{_Scheduler, Counter}, Count}, Known) ->
                  maps:update_with(Counter, fun(Before) -> Before + Count end, Count, Known)
          end,
    lists:sort(maps:to_list(lists:foldl(Add, #{}, ets:tab2list(ts_mon_cache)))).

%% How many users Tsung was told that have ended.
ended() ->
    receive {'$gen_cast', {endclient, _, _, _}} -> 1 + ended() after 0 -> 0 end.
