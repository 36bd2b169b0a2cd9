%% What requests are called: by their tag, or else by what they ask for. A name has a number, which
%% is looked up without a queue; the process that numbers new ones is ts_session_cache.
-module(onager_names).

-export([create/0, naming/1, sent/2, number/1, of_session/1, text/1]).
-export_type([naming/0]).

%% `sent`: the name is known only once the values of variables are. `http`: an answer has a status.
-type naming() :: {http | other, pos_integer()} | {sent, Method :: string()}.

%% Names beyond this many are counted as one.
-define(MOST, 1000).
%% The rest of a longer path or tag is ignored.
-define(LONGEST, 256).

%% Positions in Tsung's records, which are the same in 1.7 and 1.8 (ts_profile.hrl, ts_http.hrl).
-define(SUBST, 3).
-define(PARAM, 6).
-define(HTTP_URL, 2).
-define(HTTP_METHOD, 7).
-define(HTTP_TAG, 27).
%% Where the records of other protocols say what kind of request it is.
-define(KINDS, #{websocket_request => 3, jabber => 5, pgsql_request => 2, mqtt_request => 2,
                 ldap_request => 2, mysql_request => 2, amqp_request => 3, fs => 2, job => 8}).

%% Before anything is named; a second time, after a crash, the names stay. Their count is not a
%% persistent term itself: one that changes has every process looked through.
-spec create() -> ok.
create() ->
    case persistent_term:get({?MODULE, counter}, none) of
        none -> persistent_term:put({?MODULE, counter}, counters:new(1, []));
        _ -> ok
    end.

%% How the requests of this action are named. Only ts_session_cache may ask.
-spec naming(tuple()) -> naming().
naming(Request) when element(1, Request) =:= ts_request, tuple_size(Request) >= ?PARAM ->
    case element(?PARAM, Request) of
        Param when element(1, Param) =:= http_request -> http(Request, Param);
        Param -> {other, number(text_of(other(Param)))}
    end;
naming(_) -> {other, number(<<"request">>)}.

http(Request, Param) ->
    Method = string:uppercase(atom_to_list(element(?HTTP_METHOD, Param))),
    case element(?HTTP_TAG, Param) of
        Tag when Tag =:= undefined; Tag =:= "undefined"; Tag =:= "" ->
            case element(?SUBST, Request) of
                false -> {http, number(url_text(Method, element(?HTTP_URL, Param)))};
                _ -> {sent, Method}
            end;
        %% A URL with its variables, which the reader of the records decodes.
        Tag = "onager.url:" ++ _ -> {http, number(text_of([Method, " ", cut(Tag)]))};
        Tag -> {http, number(text_of(cut(Tag)))}
    end.

%% The number of what was sent; any process may ask.
-spec sent(Method :: string(), Url :: term()) -> pos_integer().
sent(Method, Url) ->
    Text = url_text(Method, Url),
    case persistent_term:get({?MODULE, Text}, none) of
        none ->
            case counters:get(counter(), 1) of
                Count when Count > ?MOST -> Count;
                _ -> ts_session_cache:number(Text)
            end;
        Number -> Number
    end.

%% With its query, every request would have a name of its own.
url_text(Method, Url) when is_list(Url) ->
    text_of([Method, " ", cut(lists:takewhile(fun(C) -> C =/= $? andalso C =/= $# end, Url))]);
url_text(Method, _) -> text_of(Method).

%% What a user is about before its first request.
-spec of_session(string()) -> binary().
of_session(Session) -> text_of(["session ", cut(Session)]).

cut(Text) -> lists:sublist(Text, ?LONGEST).

%% The number of a name, from 1. Only ts_session_cache may ask.
-spec number(binary()) -> pos_integer().
number(Text) ->
    case persistent_term:get({?MODULE, Text}, none) of
        none -> added(Text, counters:get(counter(), 1) + 1);
        Number -> Number
    end.

added(_, Number) when Number > ?MOST + 1 -> ?MOST + 1;
added(Text, Number) ->
    Name = if Number > ?MOST -> <<"(other)">>; true -> Text end,
    persistent_term:put({?MODULE, Number}, Name),
    persistent_term:put({?MODULE, Name}, Number),
    counters:put(counter(), 1, Number),
    Number.

counter() -> persistent_term:get({?MODULE, counter}).

-spec text(pos_integer()) -> binary().
text(Number) -> persistent_term:get({?MODULE, Number}).

text_of(Name) ->
    try iolist_to_binary(Name) catch error:badarg -> unicode:characters_to_binary(Name) end.

other(Param) when is_tuple(Param), is_atom(element(1, Param)) ->
    Record = element(1, Param),
    Protocol = hd(string:split(atom_to_list(Record), "_")),
    case maps:find(Record, ?KINDS) of
        {ok, At} when At =< tuple_size(Param) -> of_kind(Protocol, element(At, Param));
        _ -> Protocol
    end;
other(_) -> "request".

of_kind(Protocol, undefined) -> Protocol;
of_kind(Protocol, Kind) when is_atom(Kind) -> [Protocol, " ", atom_to_list(Kind)];
of_kind(Protocol, Kind) when is_list(Kind) -> [Protocol, " ", Kind];
of_kind(Protocol, _) -> Protocol.
