/**
 * A process inside Tsung's own Erlang machine that lets a run end without losing what it measured.
 *
 * Tsung writes the dump of requests with a delay of up to two seconds, gathers statistics for half a second, and at its end halts
 * without writing either: even an undisturbed run loses rows (3 of 8,000 in a measured one), a planned `duration` and
 * `tsung stop` lose two seconds. The companion makes the dump be written four times a second; to end a run early it freezes the
 * users, waits until the statistics are gathered and the dump is written, and then sends Tsung what its own timer for
 * `duration` sends. It asks for nothing over the network: a stop is asked for by a file, which says why. Users that got no answer
 * for so long that the load is ended for it are counted as such.
 */

/** Handed over in the environment: a path has no place in an Erlang expression. */
export const stopFileVariable = 'ONAGER_STOP_FILE';

/** The expression for `erl -eval`; `cutMs`: the end of the run after its first user could start. No single quotes in it. */
export function companion(cutMs: number | undefined): string {
  return `
register(onager, spawn(fun() ->
  Flush = fun() ->
    catch sys:replace_state(ts_local_mon, fun(State) -> catch file:position(element(2, State), cur), State end)
  end,
  Clients = fun() -> [Pid || {_, Pid, _, _} <- supervisor:which_children(ts_client_sup), is_pid(Pid)] end,
  Launchers = fun() -> [Pid || Pid <- [whereis(ts_launcher), whereis(ts_launcher_static)], is_pid(Pid)] end,
  StopFile = os:getenv("${stopFileVariable}"),
  Stop = fun() ->
    [catch erlang:suspend_process(Pid) || Pid <- Launchers()],
    Waiting = Clients(),
    [catch erlang:suspend_process(Pid) || Pid <- Waiting],
    case file:read_file(StopFile) of
      {ok, <<"drain-limit">>} -> [catch ts_mon_cache:add({count, error_never_answered}) || _ <- Waiting];
      _ -> ok
    end,
    timer:sleep(1200),
    Flush(),
    global:whereis_name(ts_config_server) ! {timeout, make_ref(), end_tsung},
    timer:sleep(infinity)
  end,
  Loop = fun Loop(StartedMs) ->
    timer:sleep(250),
    Flush(),
    NowMs = erlang:monotonic_time(millisecond),
    case whereis(ts_client_sup) of
      undefined -> Loop(NowMs);
      _ ->
        case filelib:is_file(StopFile) orelse NowMs - StartedMs >= ${cutMs ?? 'infinity'} of
          true -> Stop();
          false -> Loop(StartedMs)
        end
    end
  end,
  Loop(erlang:monotonic_time(millisecond))
end)).`
    .replace(/\s+/g, ' ')
    .trim();
}
