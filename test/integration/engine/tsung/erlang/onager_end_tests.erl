%% Whoever decides the end, what was measured is written before Tsung acts on it.
-module(onager_end_tests).

-behaviour(gen_server).

-include("assert.hrl").

ends_test_() ->
    [{timeout, 30, {lists:flatten(io_lib:format("~p ~p", [Server, Message])),
                    fun() -> written_before(Server, Message) end}}
     || {Server, Message} <- [{ts_mon, {'$gen_cast', {stop}}},
                              {ts_mon, {'$gen_cast', {abort}}},
                              {ts_config_server, {'$gen_cast', {abort}}},
                              {ts_config_server, {timeout, make_ref(), end_tsung}}]].

%% What is late while users are made to stand still is late for none of them.
an_end_is_not_measured_test_() ->
    {timeout, 30, fun() ->
        started("delay"),
        onager_delay:start(),
        Ref = monitor(process, onager_delay),
        gen_server:cast({global, ts_mon}, {stop}),
        receive {'DOWN', Ref, _, _, killed} -> ok end,
        stopped()
    end}.

other_messages_do_not_wait_test() ->
    File = started("other"),
    gen_server:cast({global, ts_mon}, {newclient, 1, 2}),
    ?assertEqual(<<>>, seen_when_handled(File)),
    stopped().

written_before(Server, Message) ->
    onager_names:create(),
    File = started(atom_to_list(Server)),
    onager_samples:add({request, onager_names:number(<<"GET /">>), 200, ''}, 1, 0),
    global:whereis_name(Server) ! Message,
    ?assert(byte_size(seen_when_handled(File)) > 0),
    stopped().

seen_when_handled(_) -> receive {handled, Bytes} -> Bytes after 10000 -> error(not_handled) end.

started(Name) ->
    File = filename:join(os:getenv("TMPDIR"), Name),
    file:delete(File),
    ok = onager_recorder:start(File),
    [{ok, _} = gen_server:start({global, Server}, ?MODULE, {self(), File}, [])
     || Server <- [ts_mon, ts_config_server]],
    os:putenv("ONAGER_STOP_FILE", filename:join(os:getenv("TMPDIR"), "never")),
    onager_end:start(),
    [until_watched(global:whereis_name(Server)) || Server <- [ts_mon, ts_config_server]],
    File.

until_watched(Pid) ->
    case sys:get_status(Pid) of
        {status, _, _, [_, _, _, [], _]} -> timer:sleep(5), until_watched(Pid);
        _ -> ok
    end.

stopped() ->
    Pids = [global:whereis_name(ts_mon), global:whereis_name(ts_config_server),
            whereis(onager_end), whereis(onager_recorder)],
    [begin
         Ref = monitor(process, Pid),
         exit(Pid, kill),
         receive {'DOWN', Ref, _, _, _} -> ok end
     end || Pid <- Pids],
    until_unregistered().

until_unregistered() ->
    case [Name || Name <- [ts_mon, ts_config_server], global:whereis_name(Name) =/= undefined] of
        [] -> ok;
        _ -> timer:sleep(5), until_unregistered()
    end.

init(State) -> {ok, State}.

handle_call(_, _, State) -> {reply, ok, State}.

handle_cast(_, State) -> handled(State).

handle_info(_, State) -> handled(State).

handled({Test, File} = State) ->
    {ok, Bytes} = file:read_file(File),
    Test ! {handled, Bytes},
    {noreply, State}.
