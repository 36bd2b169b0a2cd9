%% Functions that OTP no longer has, by what Tsung makes of them.
-module(onager_otp_tests).

-include("assert.hrl").

sizes_of_chunks_test_() ->
    [?_assertEqual("FF", onager_otp:integer_to_hexlist(255)),
     ?_assertEqual(255, onager_otp:hexlist_to_integer("fF")),
     ?_assertEqual(16, onager_otp:hexlist_to_integer("10  ")),
     ?_assertEqual(empty, onager_otp:hexlist_to_integer(" "))].

%% RFC 2202, case 2.
a_signature_test() ->
    Known = binary:decode_hex(<<"EFFCDF6AE5EB2FA2D27416D5F184DF9C259A7C79">>),
    Text = "what do ya want for nothing?",
    ?assertEqual(Known, onager_otp:hmac(sha, "Jefe", Text)),
    ?assertEqual(Known, onager_otp:sha_mac("Jefe", Text)).

a_url_test_() ->
    [?_assertEqual({ok, {https, "", "A.example", 443, "/", ""}},
                   onager_otp:parse("HTTPS://A.example")),
     ?_assertEqual({ok, {http, "me:it", "a.example", 81, "/b", "?c=d"}},
                   onager_otp:parse("http://me:it@a.example:81/b?c=d")),
     ?_assertEqual({error, no_scheme}, onager_otp:parse("/b"))].
