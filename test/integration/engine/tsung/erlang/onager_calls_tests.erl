%% Whatever our modules call is there, in this Erlang and in this Tsung: a call of a function that
%% is not is found only when it is made.
-module(onager_calls_tests).

-include("assert.hrl").

every_call_has_its_function_test() ->
    Folders = [filename:dirname(code:which(Module)) || Module <- [onager_user, ts_mon_cache]],
    Files = lists:flatmap(fun(Folder) -> filelib:wildcard(Folder ++ "/*.beam") end, Folders),
    ?assert(length(Files) >= 9),
    ?assertEqual([], [{filename:basename(File), Call} || File <- Files, Call <- calls(File),
                                                         not is_there(Call)]).

calls(File) ->
    {ok, {_, [{imports, Calls}]}} = beam_lib:chunks(File, [imports]),
    Calls.

is_there({Module, Function, Arity}) ->
    code:ensure_loaded(Module),
    erlang:function_exported(Module, Function, Arity)
        orelse erlang:is_builtin(Module, Function, Arity).
