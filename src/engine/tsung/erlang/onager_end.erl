%% Lets a load end without losing what it measured.
%%
%% At its end Tsung halts without waiting for its users, so what they are doing is lost; so are the
%% rows and statistics that are still in memory. Every early end passes through Tsung's
%% configuration server. It waits there (a debug function of `sys`, which sees each message before
%% it is handled) until every user has come to the end of what it is doing and stands still, and
%% until everything is written. The row that made a scenario end the test comes after the request to
%% end it, so users are asked to stand still (`sys:suspend`) before they are made to.
%%
%% A stop is asked for by a file that holds the reason: no network is used. For a stop and for a
%% planned `duration`, Tsung is sent what its own timer for `duration` sends. If the load is ended
%% because users got no answer for too long, those users are counted.
-module(onager_end).

-export([start/2]).

%% A user that opens a connection or sleeps does not hear that it is asked to stand still.
-define(STAND_STILL_MS, 1000).
-define(LOOK_EVERY_MS, 250).

%% `CutMs`: the end of the run, counted from when the first user could start.
-spec start(file:filename(), pos_integer() | infinity) -> pid().
start(StopFile, CutMs) ->
    Pid = spawn(fun() -> init(StopFile, CutMs) end),
    register(?MODULE, Pid),
    Pid.

init(StopFile, CutMs) ->
    case server() of
        undefined -> timer:sleep(20), init(StopFile, CutMs);
        Server ->
            catch sys:install(Server, {fun seen/3, waiting}, infinity),
            watch(StopFile, CutMs, now_ms())
    end.

watch(StopFile, CutMs, StartedMs) ->
    wait(?LOOK_EVERY_MS, StopFile),
    NowMs = now_ms(),
    case whereis(ts_client_sup) of
        undefined -> watch(StopFile, CutMs, NowMs);
        _ ->
            case filelib:is_file(StopFile) orelse NowMs - StartedMs >= CutMs of
                true ->
                    server() ! {timeout, make_ref(), end_tsung},
                    wait(infinity, StopFile),
                    timer:sleep(infinity);
                false -> watch(StopFile, CutMs, StartedMs)
            end
    end.

wait(Ms, StopFile) ->
    receive
        {ending, From, Ref} ->
            catch stand_still(StopFile),
            catch onager_recorder:flush(),
            From ! Ref
    after Ms -> ok
    end.

%% Runs in the configuration server. Tsung asks itself to end only once.
seen(waiting, {in, {_, {abort}}}, _) -> ask(), done;
seen(waiting, {in, {timeout, _, end_tsung}}, _) -> ask(), done;
seen(State, _, _) -> State.

ask() ->
    Ref = monitor(process, ?MODULE),
    catch ?MODULE ! {ending, self(), Ref},
    receive
        Ref -> demonitor(Ref, [flush]);
        {_, Ref, process, _, _} -> ok
    end.

stand_still(StopFile) ->
    [catch erlang:suspend_process(Pid)
     || Pid <- [whereis(ts_launcher), whereis(ts_launcher_static)], is_pid(Pid)],
    Users = [Pid || {_, Pid, _, _} <- supervisor:which_children(ts_client_sup), is_pid(Pid)],
    Asked = [spawn_monitor(fun() -> catch sys:suspend(Pid, ?STAND_STILL_MS) end) || Pid <- Users],
    [receive {_, Ref, process, _, _} -> ok end || {_, Ref} <- Asked],
    [catch erlang:suspend_process(Pid) || Pid <- Users],
    case file:read_file(StopFile) of
        {ok, <<"drain-limit">>} ->
            [catch ts_mon_cache:add({count, error_never_answered}) || _ <- Users];
        _ -> ok
    end.

server() -> global:whereis_name(ts_config_server).

now_ms() -> erlang:monotonic_time(millisecond).
