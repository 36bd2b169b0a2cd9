%% Calls of a compiled module are redirected, and only those that must be.
-module(onager_mend_tests).

-include("assert.hrl").

%% These are missing in every release that Onager knows.
what_otp_lacks_is_called_in_onager_test() ->
    {probe, Beam} = onager_mend:mended(compiled("signed(K, T) -> crypto:hmac(sha, K, T).")),
    {module, probe} = code:load_binary(probe, "probe", Beam),
    ?assertEqual(onager_otp:sha_mac("key", "text"), (probe_module()):signed("key", "text")).

what_opens_tls_passes_onager_test() ->
    {probe, Beam} = onager_mend:mended(compiled("signed(K, T) -> ssl:connect(K, T, [], 5).")),
    {ok, {probe, [{imports, Calls}]}} = beam_lib:chunks(Beam, [imports]),
    ?assert(lists:member({onager_tls, connect, 4}, Calls)),
    ?assert(not lists:member({ssl, connect, 4}, Calls)),
    ?assert(lists:member({erlang, get_module_info, 1}, Calls)).

what_otp_has_stays_test() ->
    ?assertEqual(none, onager_mend:mended(compiled("signed(K, T) -> crypto:hash(K, T)."))).

all_of_tsung_is_provided_for_test() ->
    Folders = [filename:dirname(code:which(Module)) || Module <- [ts_client, tsung_controller]],
    ?assertEqual([], onager_mend:missing(Folders)).

what_neither_has_is_missing_test() ->
    File = compiled("signed(K, T) -> crypto:no_such(K, T), lists:sort(no_module:at_all())."),
    ?assertEqual([{probe, {crypto, no_such, 2}}, {probe, {no_module, at_all, 0}}],
                 lists:sort(onager_mend:missing([filename:dirname(File)]))).

start_replaces_modules_of_tsung_test() ->
    onager_mend:start(),
    Unopened = try ts_ssl:connect("127.0.0.1", closed_port(), [], 5000)
               catch Class:Reason -> {Class, Reason}
               end,
    ?assertEqual({error, econnrefused}, Unopened).

probe_module() -> list_to_atom("probe").

closed_port() ->
    {ok, Socket} = gen_tcp:listen(0, [{ip, {127, 0, 0, 1}}]),
    {ok, Port} = inet:port(Socket),
    gen_tcp:close(Socket),
    Port.

%% Beside nothing else.
compiled(Function) ->
    Folder = filename:join(os:getenv("TMPDIR"), integer_to_list(erlang:unique_integer([positive]))),
    ok = file:make_dir(Folder),
    Forms = [form("-module(probe)."), form("-export([signed/2])."), form(Function)],
    {ok, probe, Beam} = compile:forms(Forms, [nowarn_removed]),
    File = filename:join(Folder, "probe.beam"),
    ok = file:write_file(File, Beam),
    File.

form(Text) ->
    {ok, Tokens, _} = erl_scan:string(Text),
    {ok, Form} = erl_parse:parse_form(Tokens),
    Form.
