%% TLS connections to servers whose certificates this machine does and does not trust.
-module(onager_tls_tests).

-include("assert.hrl").

nobody_has_to_vouch_unless_asked_for_test() ->
    onager_tls:start(false),
    {Port, _} = server("localhost"),
    {ok, _} = onager_tls:connect("localhost", Port, [], 5000),
    {ok, _} = onager_tls:connect("localhost", Port, [binary, {ssl_imp, new}]),
    {ok, Socket} = gen_tcp:connect("localhost", Port, [{active, false}]),
    {ok, _} = onager_tls:connect(Socket, [{cacertfile, ""}]).

%% An atom, which Tsung counts and tries again.
an_unknown_authority_is_refused_when_asked_for_test() ->
    onager_tls:start(true),
    {Port, _} = server("localhost"),
    ?assertEqual({error, tls_unknown_ca}, onager_tls:connect("localhost", Port, [], 5000)),
    {ok, Socket} = gen_tcp:connect("localhost", Port, [{active, false}]),
    ?assertEqual({error, tls_unknown_ca}, onager_tls:connect(Socket, [], 5000)).

the_authority_of_the_scenario_is_taken_test() ->
    onager_tls:start(true),
    {Port, Authority} = server("localhost"),
    {ok, _} = onager_tls:connect("localhost", Port, [{cacertfile, Authority}], 5000).

another_name_is_refused_test() ->
    onager_tls:start(true),
    {Port, Authority} = server("elsewhere"),
    [?assertEqual({error, tls_wrong_name},
                  onager_tls:connect(Host, Port, [{cacertfile, Authority}], 5000))
     || Host <- ["localhost", "127.0.0.1"]].

what_cannot_be_meant_is_an_error_test() ->
    onager_tls:start(false),
    {Port, _} = server("localhost"),
    Versions = [{versions, ['tlsv1.3', 'tlsv1.1']}],
    ?assertEqual({error, tls_options}, onager_tls:connect("localhost", Port, Versions, 5000)).

%% Its port, and the file of the authority that signed for it.
server(Name) ->
    {ok, _} = application:ensure_all_started(ssl),
    San = {'Extension', {2, 5, 29, 17}, false, [{dNSName, Name}]},
    Signed = [{digest, sha256}, {key, {namedCurve, secp256r1}}],
    Chain = #{root => Signed, intermediates => [], peer => [{extensions, [San]} | Signed]},
    #{server_config := Own, client_config := Others} =
        public_key:pkix_test_data(#{server_chain => Chain, client_chain => Chain}),
    {ok, Listening} = ssl:listen(0, [{active, false} | Own]),
    spawn_link(fun() -> accept(Listening) end),
    {ok, {_, Port}} = ssl:sockname(Listening),
    Authorities = [{'Certificate', Der, not_encrypted}
                   || Der <- proplists:get_value(cacerts, Others)],
    File = filename:join(os:getenv("TMPDIR"), integer_to_list(Port)),
    ok = file:write_file(File, public_key:pem_encode(Authorities)),
    {Port, File}.

accept(Listening) ->
    case ssl:transport_accept(Listening) of
        {ok, Socket} -> _ = ssl:handshake(Socket), accept(Listening);
        {error, closed} -> ok
    end.
