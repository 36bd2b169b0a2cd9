/**
 * An Erlang program that runs inside Tsung and lets a run end without losing what it measured.
 *
 * Tsung writes the dump of requests with a delay of up to two seconds, gathers statistics for half
 * a second, and at its end halts without writing either: even an undisturbed run loses rows (3 of
 * 8,000 in a measured one), a planned `duration`, a scenario that ends the test itself and `tsung
 * stop` lose two seconds. The companion makes the dump be written four times a second. Every early
 * end passes through Tsung's configuration server, where it waits (a debug function of `sys`, which
 * sees each message before it is handled) until the companion has let every user come to the end of
 * what it is doing and stand still, and until statistics and dump are written. The row that made a
 * scenario end the test comes after the request to end it, so users are asked to stand still
 * (`sys:suspend`) before they are made to. For a stop and a planned `duration` the companion sends
 * Tsung what its own timer for `duration` sends. It uses no network: a stop is requested by a file,
 * which holds the reason. If the load is ended because users got no answer for too long, those
 * users are counted.
 */

/** Passed in the environment: a path cannot safely be put into an Erlang expression. */
export const stopFileVariable = 'ONAGER_STOP_FILE';

/** A user that opens a connection or sleeps does not notice that it is asked to stand still. */
const standStillMs = 1_000;

/**
 * The expression for `erl -eval`; `cutMs`: the end of the run, counted from when the first user
 * could start. It must not contain single quotes.
 */
export function companion(cutMs: number | undefined): string {
  return `
register(onager, spawn(fun() ->
  Flush = fun(Timeout) ->
    catch sys:replace_state(ts_local_mon, fun(State) -> catch file:position(element(2, State), cur), State end, Timeout)
  end,
  StopFile = os:getenv("${stopFileVariable}"),
  CountUnanswered = fun(Users) ->
    case file:read_file(StopFile) of
      {ok, <<"drain-limit">>} -> [catch ts_mon_cache:add({count, error_never_answered}) || _ <- Users];
      _ -> ok
    end
  end,
  Freeze = fun() ->
    [catch erlang:suspend_process(Pid) || Pid <- [whereis(ts_launcher), whereis(ts_launcher_static)], is_pid(Pid)],
    Users = [Pid || {_, Pid, _, _} <- supervisor:which_children(ts_client_sup), is_pid(Pid)],
    Asked = [spawn_monitor(fun() -> catch sys:suspend(Pid, ${standStillMs}) end) || Pid <- Users],
    [receive {_, Ref, process, _, _} -> ok end || {_, Ref} <- Asked],
    [catch erlang:suspend_process(Pid) || Pid <- Users],
    CountUnanswered(Users)
  end,
  Gather = fun() ->
    catch ts_mon_cache ! {timeout, make_ref(), dump_stats},
    catch sys:get_state(ts_mon_cache, infinity),
    Flush(infinity)
  end,
  Ask = fun() ->
    Ref = monitor(process, onager),
    catch onager ! {ending, self(), Ref},
    receive Ref -> demonitor(Ref, [flush]); {_, Ref, process, _, _} -> ok end
  end,
  Seen = fun
    (_, {in, {_, {abort}}}, _) -> Ask(), done;
    (_, {in, {timeout, _, end_tsung}}, _) -> Ask(), done;
    (Seen, _, _) -> Seen
  end,
  Server = fun() -> global:whereis_name(ts_config_server) end,
  Wait = fun(Ms) ->
    receive {ending, From, Ref} -> catch Freeze(), Gather(), From ! Ref after Ms -> ok end
  end,
  Watch = fun Watch(StartedMs) ->
    Wait(250),
    Flush(5000),
    NowMs = erlang:monotonic_time(millisecond),
    case whereis(ts_client_sup) of
      undefined -> Watch(NowMs);
      _ ->
        case filelib:is_file(StopFile) orelse NowMs - StartedMs >= ${cutMs ?? 'infinity'} of
          true -> Server() ! {timeout, make_ref(), end_tsung}, Wait(infinity), timer:sleep(infinity);
          false -> Watch(StartedMs)
        end
    end
  end,
  Begin = fun Begin() ->
    case Server() of
      undefined -> timer:sleep(20), Begin();
      Pid ->
        catch sys:install(Pid, {Seen, seen}, infinity),
        Watch(erlang:monotonic_time(millisecond))
    end
  end,
  Begin()
end)).`
    .replace(/\s+/g, ' ')
    .trim();
}
