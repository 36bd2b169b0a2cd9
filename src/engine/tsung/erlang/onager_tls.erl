%% Opens TLS connections for Tsung, in place of `ssl:connect`: see onager_mend.
%%
%% Tsung does not say whether certificates are verified. Until OTP 25 that meant no; since OTP 26 it
%% means yes, without any certificate to do it with, so that every connection fails. Here it is said.
%%
%% Tsung expects an error to be an atom. It counts that, and tries again; anything else ends the
%% user without a count.
-module(onager_tls).

-export([start/1, connect/2, connect/3, connect/4]).

%% Whether certificates are verified. Before the first connection.
-spec start(IsVerified :: boolean()) -> ok.
start(false) -> persistent_term:put(?MODULE, [{verify, verify_none}]);
start(true) ->
    MatchHost = public_key:pkix_verify_hostname_match_fun(https),
    persistent_term:put(?MODULE, [{verify, verify_peer},
                                  {customize_hostname_check, [{match_fun, MatchHost}]},
                                  {cacerts, public_key:cacerts_get()}]).

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
    result(ssl:connect(Host, Port, complete(Options), Timeout)).

%% What the scenario says goes first. `ssl_imp` is an option of 2011 that is now refused.
complete(Options) ->
    Given = lists:keydelete(ssl_imp, 1, Options),
    Others = case lists:keymember(cacertfile, 1, Given) of
                 true -> lists:keydelete(cacerts, 1, persistent_term:get(?MODULE));
                 false -> persistent_term:get(?MODULE)
             end,
    Given ++ Others.

result({error, {tls_alert, {Alert, Text}}}) -> {error, reason(Alert, lists:flatten([Text]))};
result({error, Reason}) when element(1, Reason) =:= options -> {error, tls_options};
result({error, Reason}) when not is_atom(Reason) -> {error, tls_failed};
result(Result) -> Result.

%% Alerts are few. Those that stand for more than one mistake are told apart by their text.
reason(Alert, Text) ->
    Known = [Reason || {Part, Reason} <- [{"hostname_check_failed", tls_wrong_name},
                                          {"selfsigned_peer", tls_self_signed}],
                       string:find(Text, Part) =/= nomatch],
    case Known of
        [Reason | _] -> Reason;
        [] -> list_to_atom("tls_" ++ atom_to_list(Alert))
    end.
