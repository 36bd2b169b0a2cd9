%% What requests are called.
-module(onager_names_tests).

-include("assert.hrl").

names_test_() ->
    [?_assertEqual(Text, named(Request))
     || {Text, Request} <-
            [{<<"GET /a">>, http(get, "/a?x=1#y", "undefined")},
             {<<"POST /">>, http(post, "/", undefined)},
             {<<"pay">>, http(get, "/a", "pay")},
             {<<"GET onager.url:a:__i__">>, http(get, "/a/%%_i%%", "onager.url:a:__i__")},
             {<<"GET /", (binary:copy(<<"x">>, 255))/binary>>,
              http(get, [$/ | lists:duplicate(1000, $x)], "undefined")},
             {<<"websocket message">>, other({websocket_request, "13", message, "/"})},
             {<<"jabber presence">>, other({jabber, dest, size, data, presence})},
             {<<"raw">>, other({raw, "x", 1})},
             {<<"mqtt publish">>, other({mqtt_request, publish})},
             {<<"request">>, other(undefined)}]].

%% A URL with variables is known once it is sent.
a_url_with_variables_is_named_when_sent_test() ->
    Request = setelement(3, http(get, "/a/%%_i%%", "undefined"), true),
    ?assertEqual({sent, "GET"}, onager_names:naming(Request)).

names_beyond_a_thousand_are_one_test() ->
    onager_names:create(),
    Numbers = [onager_names:number(integer_to_binary(N)) || N <- lists:seq(1, 1500)],
    Last = lists:last(Numbers),
    ?assertEqual(<<"(other)">>, onager_names:text(Last)),
    ?assertEqual(Last, onager_names:sent("GET", "/never/seen")),
    ?assert(length(lists:usort(Numbers)) =< 1001),
    ?assertEqual(hd(Numbers), onager_names:number(<<"1">>)).

named(Request) ->
    onager_names:create(),
    {_, Number} = onager_names:naming(Request),
    onager_names:text(Number).

http(Method, Url, Tag) ->
    Empty = erlang:make_tuple(28, undefined, [{1, http_request}]),
    other(setelement(27, setelement(7, setelement(2, Empty, Url), Method), Tag)).

other(Param) -> {ts_request, parse, false, [], [], Param, false, h, p, s}.
