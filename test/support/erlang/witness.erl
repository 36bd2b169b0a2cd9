%% Writes down, for tests, each sample that Tsung's users measure: a line for each, of any protocol.
%% It sees the calls by Erlang's tracing and shares no code with the recorder.
%%
%% A line: microseconds of Unix time; kind; name (of a request: its record and type, or `http`,
%% method, URL as the scenario has it, tag); microseconds; bytes.
-module(witness).

-export([start/0]).

-include("ts_profile.hrl").
-include("ts_http.hrl").
-include("ts_websocket.hrl").
-include("ts_jabber.hrl").
-include("ts_mqtt.hrl").
-include("ts_pgsql.hrl").
-include("ts_raw.hrl").

-spec start() -> pid().
start() -> spawn(fun init/0).

init() ->
    {module, _} = code:ensure_loaded(ts_mon_cache),
    {module, _} = code:ensure_loaded(ts_session_cache),
    erlang:trace_pattern({ts_mon_cache, add, 1}, true, [global]),
    erlang:trace_pattern({ts_session_cache, get_req, 2}, [{'_', [], [{return_trace}]}], [global]),
    erlang:trace(new_processes, true, [call, timestamp]),
    {ok, Device} = file:open(os:getenv("WITNESS_FILE"), [write, raw]),
    loop(Device, #{}, []).

%% Writes whenever there is nothing more to read.
loop(Device, Names, Lines) ->
    receive
        {trace_ts, Pid, return_from, _, #ts_request{param = Param}, _} ->
            loop(Device, Names#{Pid => name(Param)}, Lines);
        {trace_ts, Pid, call, {ts_mon_cache, add, [Stats]}, At} ->
            New = lines(lists:flatten([Stats]), maps:get(Pid, Names, ""), at_us(At)),
            loop(Device, Names, [Lines | New]);
        _ -> loop(Device, Names, Lines)
    after if Lines =:= [] -> infinity; true -> 0 end ->
        ok = file:write(Device, Lines),
        loop(Device, Names, [])
    end.

lines([{sample, request, Ms}, {sum, size_rcv, Bytes} | Others], Name, At) ->
    [line(At, request, Name, Ms, Bytes) | lines(Others, Name, At)];
lines([{sample, Kind, Ms} | Others], Name, At) when Kind =:= page; Kind =:= connect ->
    [line(At, Kind, "", Ms, 0) | lines(Others, Name, At)];
lines([{sample, Transaction, Ms} | Others], Name, At) ->
    [line(At, transaction, Transaction, Ms, 0) | lines(Others, Name, At)];
lines([_ | Others], Name, At) -> lines(Others, Name, At);
lines([], _, _) -> [].

line(At, Kind, Name, Ms, Bytes) ->
    io_lib:format("~b;~s;~s;~b;~b\n", [At, Kind, Name, round(Ms * 1000), Bytes]).

name(#http_request{method = Method, url = Url, tag = Tag}) ->
    io_lib:format("http ~s ~s ~s", [Method, Url, Tag]);
name(#websocket_request{type = Type}) -> ["websocket ", atom_to_list(Type)];
name(#jabber{type = Type}) -> ["jabber ", atom_to_list(Type)];
name(#mqtt_request{type = Type}) -> ["mqtt ", atom_to_list(Type)];
name(#pgsql_request{type = Type}) -> ["pgsql ", atom_to_list(Type)];
name(#raw{}) -> "raw".

at_us({Mega, Seconds, Us}) -> (Mega * 1000000 + Seconds) * 1000000 + Us.
