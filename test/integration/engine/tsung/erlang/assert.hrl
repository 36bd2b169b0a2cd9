%% Tests are found by their names, and end with the first assertion that does not hold. (Those of
%% eunit.hrl are in a package with every header of Erlang.)
-compile([export_all, nowarn_export_all]).

-define(assertEqual(Expected, Found), assert_equal(?LINE, Expected, Found)).
-define(assert(Holds), assert_equal(?LINE, true, Holds)).
-define(_assertEqual(Expected, Found), {?LINE, fun() -> ?assertEqual(Expected, Found) end}).

assert_equal(_, Same, Same) -> ok;
assert_equal(Line, Expected, Found) ->
    error({assertion, [{line, Line}, {expected, Expected}, {found, Found}]}).
