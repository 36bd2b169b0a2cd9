%% Opens TLS connections for Tsung, in place of `ssl:connect`: see onager_mend.
%%
%% Tsung does not say whether certificates are verified. Until OTP 25 that meant no; since OTP 26 it
%% means yes, without any certificate to do it with, so that every connection fails. Here it is
%% said.
%%
%% Tsung expects an error to be an atom. It counts that, and tries again; anything else ends the
%% user without a count.
-module(onager_tls).

-export([start/1, authorities/0, connect/2, connect/3, connect/4]).

%% Whether certificates are verified. Before the first connection.
-spec start(IsVerified :: boolean()) -> ok.
start(false) -> persistent_term:put(?MODULE, [{verify, verify_none}]);
start(true) ->
    MatchHost = public_key:pkix_verify_hostname_match_fun(https),
    persistent_term:put(?MODULE, [{verify, verify_peer},
                                  {customize_hostname_check, [{match_fun, MatchHost}]},
                                  {cacerts, authorities()}]).

%% Those that this machine trusts; without any, nothing is trusted.
-spec authorities() -> [public_key:combined_cert()].
authorities() -> try public_key:cacerts_get() catch error:_ -> [] end.

-type result() :: {ok, ssl:sslsocket()} | {error, atom()}.

-spec connect(inet:socket(), list()) -> result().
connect(Socket, Options) -> connect(Socket, Options, infinity).

-spec connect(inet:socket(), list(), timeout()) -> result();
             (ssl:host(), inet:port_number(), list()) -> result().
connect(Host, Port, Options) when is_list(Options) -> connect(Host, Port, Options, infinity);
connect(Socket, Options, Timeout) ->
    %% Nobody says here which name the certificate must have, only that somebody must vouch for it.
    result(ssl:connect(Socket, [{server_name_indication, disable} | complete(Options)], Timeout)).

-spec connect(ssl:host(), inet:port_number(), list(), timeout()) -> result().
connect(Host, Port, Options, Timeout) ->
    result(ssl:connect(address(Host), Port, complete(Options), Timeout)).

%% An address that is a text would be looked for among the names of a certificate.
address(Host) when is_list(Host) ->
    case inet:parse_strict_address(Host) of
        {ok, Address} -> Address;
        {error, _} -> Host
    end;
address(Host) -> Host.

%% Now refused: an option of 2011, and files without a name, of which Tsung says so for LDAP.
-define(REFUSED, [{ssl_imp, new}, {cacertfile, ""}, {certfile, ""}, {keyfile, ""}]).

%% What the scenario says goes first.
complete(Options) ->
    Given = [Option || Option <- Options, not lists:member(Option, ?REFUSED)],
    Others = case lists:keymember(cacertfile, 1, Given) of
                 true -> lists:keydelete(cacerts, 1, persistent_term:get(?MODULE));
                 false -> persistent_term:get(?MODULE)
             end,
    Given ++ Others.

result({error, {tls_alert, {Alert, Text}}}) -> {error, reason(Alert, lists:flatten([Text]))};
result({error, Reason}) when element(1, Reason) =:= options -> {error, tls_options};
result({error, Reason}) when not is_atom(Reason) -> {error, tls_failed};
result(Result) -> Result.

%% There are few alerts. That of another name stands for other failures, too.
reason(Alert, Text) ->
    case string:find(Text, "hostname_check_failed") of
        nomatch -> list_to_atom("tls_" ++ atom_to_list(Alert));
        _ -> tls_wrong_name
    end.
