%% The file that the recorder writes.
-module(onager_recorder_tests).

-include("assert.hrl").

all_that_was_measured_is_written_when_asked_test() ->
    %% Tsung's statistics are not there; messages to them go nowhere.
    File = filename:join(os:getenv("TMPDIR"), "records"),
    ok = onager_recorder:start(File),
    ok = onager_recorder:start(File),
    onager_names:create(),
    Name = onager_names:number(<<"GET /">>),
    [onager_samples:add({request, Name, 200, ''}, 1, 0) || _ <- lists:seq(1, 300)],
    onager_samples:add({transaction, tr_a, 0, failed}, 3, 0),
    onager_recorder:flush(),
    {ok, Once} = file:read_file(File),
    Payloads = payloads(Once),
    ?assert(lists:any(fun(Payload) -> binary:match(Payload, <<5, "GET /">>) =/= nomatch end,
                      Payloads)),
    ?assert(lists:any(fun(Payload) -> binary:match(Payload, <<6, "failed">>) =/= nomatch end,
                      Payloads)),
    onager_recorder:flush(),
    ?assertEqual({ok, Once}, file:read_file(File)),
    %% A name is written once.
    onager_samples:add({request, Name, 200, ''}, 1, 0),
    onager_recorder:flush(),
    {ok, Twice} = file:read_file(File),
    ?assertEqual(1, length(binary:matches(Twice, <<"GET /">>))),
    exit(whereis(onager_recorder), kill).

errors_are_written_where_nothing_was_measured_test() ->
    File = filename:join(os:getenv("TMPDIR"), "errors"),
    ok = onager_recorder:start(File),
    onager_errors:seen('', 0, error_connect_econnrefused),
    onager_recorder:flush(),
    {ok, Bytes} = file:read_file(File),
    [Payload] = payloads(Bytes),
    ?assert(binary:match(Payload, <<"error_connect_econnrefused">>) =/= nomatch),
    exit(whereis(onager_recorder), kill).

what_comes_late_is_of_the_second_in_which_it_ended_test() ->
    %% A process was held between reading the clock and counting, until the table was drained.
    File = filename:join(os:getenv("TMPDIR"), "late"),
    ok = onager_recorder:start(File),
    Late = os:system_time(second) - 5,
    Table = element(Late rem 16 + 1, persistent_term:get(onager_samples)),
    Group = {connect, '', 0, ''},
    EndUs = Late * 1000000 + 500000,
    ets:insert(Table, [{{Group, 7}, 1}, {{0, Group}, 1, 7, 0, 7, -7, EndUs - 7, -EndUs}]),
    onager_samples:add(Group, 1, 0),
    onager_recorder:flush(),
    {ok, Bytes} = file:read_file(File),
    [First, Next] = [second(Payload) || <<1, Payload/binary>> <- payloads(Bytes)],
    ?assertEqual(Late, First),
    ?assert(Next >= Late + 5),
    exit(whereis(onager_recorder), kill).

%% The first of a record's numbers after its version.
second(<<1:1, Low:7, Rest/binary>>) -> Low + 128 * second(Rest);
second(<<0:1, Last:7, _/binary>>) -> Last.

the_generators_own_delay_is_written_where_nothing_was_measured_test() ->
    File = filename:join(os:getenv("TMPDIR"), "delay"),
    ok = onager_recorder:start(File),
    ets:insert(persistent_term:get(onager_delay), {{os:system_time(second), 1}, 300, 4}),
    onager_recorder:flush(),
    {ok, Bytes} = file:read_file(File),
    [Payload] = payloads(Bytes),
    %% One timer, its sum, minimum and maximum; one look, its sum and maximum; one bucket.
    Last = <<1, 1, 172, 2, 172, 2, 172, 2, 1, 4, 4, 1, 172, 2, 1>>,
    ?assertEqual(byte_size(Last), binary:longest_common_suffix([Payload, Last])),
    exit(whereis(onager_recorder), kill).

what_has_no_form_in_a_record_costs_that_second_and_not_the_tables_test() ->
    File = filename:join(os:getenv("TMPDIR"), "formless"),
    ok = onager_recorder:start(File),
    Pid = whereis(onager_recorder),
    onager_samples:add({request, unknown_number, 200, {no, error}}, 1, 0),
    onager_recorder:flush(),
    onager_samples:add({request, '', -12, ''}, 1, 0),
    onager_recorder:flush(),
    ?assertEqual(Pid, whereis(onager_recorder)),
    {ok, Bytes} = file:read_file(File),
    ?assertEqual(1, length(payloads(Bytes))),
    exit(Pid, kill).

names_stay_what_they_are_after_a_second_that_has_no_form_test() ->
    File = filename:join(os:getenv("TMPDIR"), "names"),
    ok = onager_recorder:start(File),
    Late = os:system_time(second) - 5,
    Table = element(Late rem 16 + 1, persistent_term:get(onager_samples)),
    First = {connect, '', 0, error_a},
    EndUs = Late * 1000000 + 500000,
    ets:insert(Table, [{{First, 7}, 1}, {{0, First}, 1, 7, 0, 7, -7, EndUs - 7, -EndUs}]),
    onager_samples:add({request, '', 200, {no, atom}}, 1, 0),
    onager_recorder:flush(),
    onager_samples:add({connect, '', 0, error_b}, 1, 0),
    onager_recorder:flush(),
    {ok, Bytes} = file:read_file(File),
    [_, Payload] = payloads(Bytes),
    %% One new string; one total: a connection without name and status, whose error is string 2.
    Expected = <<1, 7, "error_b", 1, 3, 0, 0, 2>>,
    ?assert(binary:match(Payload, Expected) =/= nomatch),
    exit(whereis(onager_recorder), kill).

what_cannot_be_written_is_written_later_test() ->
    File = filename:join(os:getenv("TMPDIR"), "full"),
    ok = onager_recorder:start(File),
    #{device := Device} = sys:get_state(onager_recorder),
    writes_to(fun() -> element(2, file:open(File, [read, raw, binary])) end),
    onager_samples:add({connect, '', 0, ''}, 1, 0),
    onager_recorder:flush(),
    ?assertEqual({ok, <<>>}, file:read_file(File)),
    writes_to(fun() -> Device end),
    onager_recorder:flush(),
    {ok, Bytes} = file:read_file(File),
    ?assertEqual(1, length(payloads(Bytes))),
    exit(whereis(onager_recorder), kill).

%% Only the process that opened a file can use it.
writes_to(Opened) ->
    sys:replace_state(onager_recorder, fun(State) -> State#{device := Opened()} end).

what_is_not_asked_for_is_written_too_test_() ->
    {timeout, 30, fun() ->
        File = filename:join(os:getenv("TMPDIR"), "by-itself"),
        ok = onager_recorder:start(File),
        onager_samples:add({connect, '', 0, ''}, 1, 0),
        until_written(File)
    end}.

until_written(File) ->
    case file:read_file(File) of
        {ok, <<>>} -> timer:sleep(10), until_written(File);
        {ok, Bytes} -> payloads(Bytes)
    end.

%% Each has its length and its checksum.
payloads(<<>>) -> [];
payloads(<<Size:32, Sum:32, Payload:Size/binary, Rest/binary>>) ->
    ?assertEqual(Sum, erlang:crc32(Payload)),
    [Payload | payloads(Rest)].
