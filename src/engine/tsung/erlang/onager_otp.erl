%% Functions that Tsung calls and that later releases of Erlang/OTP no longer have: see onager_mend.
-module(onager_otp).

-export([stands_for/1]).
-export([integer_to_hexlist/1, hexlist_to_integer/1, hmac/3, sha_mac/2, parse/1, sync_get/4]).

%% Whether a function of this module does what that function did.
-spec stands_for(mfa()) -> boolean().
stands_for({httpd_util, integer_to_hexlist, 1}) -> true;
stands_for({httpd_util, hexlist_to_integer, 1}) -> true;
stands_for({crypto, hmac, 3}) -> true;
stands_for({crypto, sha_mac, 2}) -> true;
stands_for({http_uri, parse, 1}) -> true;
stands_for({snmpm, sync_get, 4}) -> true;
stands_for(_) -> false.

-spec integer_to_hexlist(integer()) -> string().
integer_to_hexlist(Number) -> integer_to_list(Number, 16).

%% `empty`: no digits.
-spec hexlist_to_integer(string()) -> integer() | empty.
hexlist_to_integer(Text) ->
    case string:trim(Text) of
        "" -> empty;
        Digits -> list_to_integer(Digits, 16)
    end.

-spec hmac(Hash :: atom(), Key :: iodata(), Data :: iodata()) -> binary().
hmac(Hash, Key, Data) -> crypto:mac(hmac, Hash, Key, Data).

-spec sha_mac(Key :: iodata(), Data :: iodata()) -> binary().
sha_mac(Key, Data) -> hmac(sha, Key, Data).

-spec parse(string()) ->
          {ok, {Scheme :: atom(), UserInfo :: string(), Host :: string(), inet:port_number(),
                Path :: string(), Query :: string()}} |
          {error, term()}.
parse(Text) ->
    case uri_string:parse(Text) of
        Uri = #{scheme := Scheme, host := Host} ->
            Name = string:lowercase(Scheme),
            Path = case maps:get(path, Uri) of "" -> "/"; Given -> Given end,
            Query = case Uri of #{query := Pairs} -> "?" ++ Pairs; _ -> "" end,
            {ok, {list_to_atom(Name), maps:get(userinfo, Uri, ""), Host, port(Name, Uri), Path,
                  Query}};
        _ -> {error, no_scheme}
    end.

port(_, #{port := Port}) when is_integer(Port) -> Port;
port("https", _) -> 443;
port(_, _) -> 80.

-spec sync_get(string(), string(), [[integer()]], pos_integer()) -> term().
sync_get(User, Target, Oids, TimeoutMs) ->
    snmpm:sync_get2(User, Target, Oids, [{timeout, TimeoutMs}]).
