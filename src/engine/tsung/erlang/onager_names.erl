%% What requests are called. A request is named once, when a user of this virtual machine first needs
%% it, by its tag, or else by what it asks for; a URL with variables keeps their names.
-module(onager_names).

-export([number/1, text/1, name/1, path/1]).

%% Names beyond this many are counted as one.
-define(MOST, 1000).

%% Positions in Tsung's records, which are the same in 1.7 and 1.8 (ts_profile.hrl, ts_http.hrl).
-define(PARAM, 6).
-define(HTTP_URL, 2).
-define(HTTP_METHOD, 7).
-define(HTTP_TAG, 27).
-define(TYPES, #{websocket_request => 3, jabber => 5, pgsql_request => 2, mqtt_request => 2,
                 ldap_request => 2, mysql_request => 2, amqp_request => 3, fs => 2, job => 8}).

%% The number of a request's name, from 1. Only one process may ask.
-spec number(tuple()) -> pos_integer().
number(Request) ->
    Text = text_of(name(Request)),
    case persistent_term:get({?MODULE, Text}, none) of
        none -> added(Text, persistent_term:get({?MODULE, count}, 0) + 1);
        Number -> Number
    end.

added(_, Number) when Number > ?MOST + 1 -> ?MOST + 1;
added(Text, Number) ->
    Name = if Number > ?MOST -> <<"(other)">>; true -> Text end,
    persistent_term:put({?MODULE, Name}, Number),
    persistent_term:put({?MODULE, Number}, Name),
    persistent_term:put({?MODULE, count}, Number),
    Number.

-spec text(pos_integer()) -> binary().
text(Number) -> persistent_term:get({?MODULE, Number}).

text_of(Name) ->
    try iolist_to_binary(Name) catch error:badarg -> unicode:characters_to_binary(Name) end.

-spec name(tuple()) -> unicode:chardata().
name(Request) when element(1, Request) =:= ts_request -> named(element(?PARAM, Request));
name(_) -> "request".

named(Param) when is_tuple(Param), element(1, Param) =:= http_request ->
    case element(?HTTP_TAG, Param) of
        Tag when Tag =:= undefined; Tag =:= "undefined"; Tag =:= "" ->
            Method = string:uppercase(atom_to_list(element(?HTTP_METHOD, Param))),
            [Method, " ", path(element(?HTTP_URL, Param))];
        Tag -> Tag
    end;
named(Param) when is_tuple(Param), is_atom(element(1, Param)) ->
    Record = element(1, Param),
    Protocol = hd(string:split(atom_to_list(Record), "_")),
    case maps:find(Record, ?TYPES) of
        {ok, At} when At =< tuple_size(Param) -> typed(Protocol, element(At, Param));
        _ -> Protocol
    end;
named(_) -> "request".

typed(Protocol, Type) when is_atom(Type) -> [Protocol, " ", atom_to_list(Type)];
typed(Protocol, Type) when is_list(Type) -> [Protocol, " ", Type];
typed(Protocol, _) -> Protocol.

%% With its query, every request would have a name of its own.
-spec path(term()) -> string().
path(Url) when is_list(Url) -> lists:takewhile(fun(C) -> C =/= $? andalso C =/= $# end, Url);
path(_) -> "".
