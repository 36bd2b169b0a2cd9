%% What a member takes of a load: together all members take all of it, and nothing twice.
-module(onager_share_tests).

-behaviour(gen_server).

-include("assert.hrl").

%% Five places: the first member has two of them.
-define(MEMBERS, ["5:0,3", "5:1", "5:2,4"]).

users_of_a_phase_are_dealt_test_() ->
    [{integer_to_list(Users), fun() ->
          Own = [users(phases(Share, [{Users, 1000}])) || Share <- ?MEMBERS],
          ?assertEqual(Users, lists:sum(lists:append(Own)))
      end} || Users <- [1, 2, 3, 5, 7, 100, 12345]].

rates_add_up_test() ->
    Rates = [element(3, hd(phases(Share, [{100, 1000}]))) || Share <- ?MEMBERS],
    ?assert(abs(lists:sum(Rates) - 0.1) < 1.0e-12),
    ?assertEqual([2, 1, 2], [round(Rate * 50) || Rate <- Rates]).

%% The second member has nobody in phases of one user.
a_phase_without_users_takes_its_time_test() ->
    Phases = phases("5:1", [{10, 1000}, {1, 300}, {0, 50}, {10, 2000}]),
    ?assertEqual([{1, 2, 1350}, {2, 0, 300}, {3, 0, 50}, {4, 2, 2000}],
                 [{element(2, Phase), element(4, Phase), element(5, Phase)} || Phase <- Phases]).

a_first_phase_without_users_is_waited_for_test() ->
    StartMs = erlang:monotonic_time(millisecond),
    [_, Second] = phases("5:1", [{1, 300}, {10, 2000}]),
    %% Just in time is a little before.
    ?assert(erlang:monotonic_time(millisecond) - StartMs >= 280),
    ?assertEqual({2, 2, 2000}, {element(2, Second), element(4, Second), element(5, Second)}).

a_phase_does_not_begin_before_its_first_user_test() ->
    {Mega, Second, Micro} = os:timestamp(),
    StartDate = {Mega, Second + 1, Micro},
    phases(false, [{10, 1000}], StartDate),
    ?assert(timer:now_diff(StartDate, os:timestamp()) < 100000).

nobody_is_not_waited_for_test() ->
    ?assertEqual([0], users(phases("5:1", [{1, 3600000}]))).

users_that_are_started_one_by_one_are_dealt_test() ->
    Own = [begin
               onager_share:start(Share),
               answering({ok, lists:seq(1, 12), date()},
                         fun() -> {ok, Users, _} = onager_share:get_client_config(static, "h"),
                                  Users
                         end)
           end || Share <- ?MEMBERS],
    ?assertEqual([[1, 4, 6, 9, 11], [2, 7, 12], [3, 5, 8, 10]], Own).

users_have_numbers_of_their_own_test() ->
    Numbers = lists:append([numbers(Share, 10) || Share <- ["3:0", "3:1", "3:2"]]),
    ?assertEqual(lists:seq(1, 30), lists:sort(Numbers)),
    ?assertEqual([1, 4, 6, 9, 11], numbers("5:0,3", 5)).

a_seed_is_another_one_on_each_member_test() ->
    Drawn = [begin
                 onager_share:start(Share),
                 onager_share:init_seed(Seed),
                 apply(random, uniform, [1000000])
             end || Seed <- [0, 7, {1, 7}, {1795, 3, 5}], Share <- ?MEMBERS],
    ?assertEqual(12, length(lists:usort(Drawn))).

lines_are_dealt_and_all_are_drawn_from_test() ->
    {ok, _} = ts_file_server:start(),
    Folder = os:getenv("TMPDIR"),
    [Many, Few] = [filename:join(Folder, Name) || Name <- ["many.csv", "few.csv"]],
    ok = file:write_file(Many, [[integer_to_list(Line), "\n"] || Line <- lists:seq(1, 7)]),
    ok = file:write_file(Few, "only\n"),
    onager_share:start("5:1"),
    Server = {global, ts_file_server},
    ok = onager_share:call(Server, {read, [{many, Many}, {few, Few}]}, 1000),
    Next = fun(Id) -> {ok, Line} = onager_share:call(Server, {get_next_line, Id}), Line end,
    ?assertEqual([<<"2">>, <<"7">>, <<"2">>], [Next(many) || _ <- [1, 2, 3]]),
    ?assertEqual([<<"only">>, <<"only">>], [Next(few) || _ <- [1, 2]]),
    {ok, All} = onager_share:call(Server, {get_all_lines, many}),
    ?assertEqual(7, length(All)).

users_of_xmpp_are_dealt_test() ->
    {ok, _} = ts_user_server:start(),
    Own = [begin
               onager_share:start(Share),
               ok = onager_share:reset(12),
               until_none([])
           end || Share <- ?MEMBERS],
    ?assertEqual([[1, 4, 6, 9, 11], [2, 7, 12], [3, 5, 8, 10]], Own).

waiting_users_are_those_of_the_member_test() ->
    {ok, Pid} = ts_timer:start(1),
    onager_share:start("5:0,3"),
    onager_share:config(100),
    {receiver, State} = sys:get_state(Pid, 1000),
    ?assertEqual(40, element(3, State)).

without_a_share_only_the_time_of_phases_is_ours_test() ->
    onager_share:start(false),
    ?assert(onager_share:stands_for(ts_launcher, {ts_config_server, get_client_config, 1})),
    Others = [{ts_client, {ts_dynvars, new, 2}}, {ts_file_server, {gen_server, call, 2}},
              {ts_launcher_static, {ts_config_server, get_client_config, 2}}],
    ?assertEqual([], [Call || {Caller, Call} <- Others, onager_share:stands_for(Caller, Call)]),
    ?assertEqual([7, 3], users(phases(false, [{7, 1000}, {3, 1000}]))).

until_none(Known) ->
    case ts_user_server:get_idle() of
        {error, no_free_userid} -> lists:reverse(Known);
        Id -> until_none([Id | Known])
    end.

numbers(Share, Count) ->
    onager_share:start(Share),
    [begin
         {ok, Number} = ts_dynvars:lookup(tsung_userid, onager_share:new(tsung_userid, Id)),
         Number
     end || Id <- lists:seq(1, Count)].

users(Phases) -> [element(4, Phase) || Phase <- Phases].

phases(Share, Planned) -> phases(Share, Planned, os:timestamp()).

phases(Share, Planned, StartDate) ->
    onager_share:start(Share),
    Phases = [{phase, undefined, Users / Ms, Users, Ms, undefined, false}
              || {Users, Ms} <- Planned],
    answering({ok, {Phases, StartDate, 800}},
              fun() -> {ok, {Own, _, 800}} = onager_share:get_client_config("h"), Own end).

%% In place of Tsung's own server of configurations.
answering(Answer, Ask) ->
    {ok, Pid} = gen_server:start({global, ts_config_server}, ?MODULE, Answer, []),
    try Ask() after gen_server:stop(Pid) end.

init(Answer) -> {ok, Answer}.
handle_call(_, _, Answer) -> {reply, Answer, Answer}.
handle_cast(_, Answer) -> {noreply, Answer}.
