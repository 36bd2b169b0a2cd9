%% Why a process died, as the name of a counter: which function, and the kind of the reason.
%%
%% Of what Erlang reports, only names of modules, functions and kinds are kept. Values are not: they
%% hold what the target answered, and what users know.
-module(onager_reason).

-export([start/0, short/1, bare/1, counter/3]).
-export_type([short/0]).

%% The same for two deaths at the same place, and cheap to find out. `connection`: Tsung makes an
%% atom of each error of a connection, and dies where it is a tuple.
-type short() :: {atom(), [mfa()]} | {connection, Where :: atom(), Why :: string()}.

%% Inner functions are more than enough to find the first that is not Erlang's own.
-define(FRAMES, 8).
%% An atom has at most 255 characters.
-define(LONGEST, 60).

%% Learns whose modules are whose. Later there is no time for that: where users crash because a
%% module does not exist, they all wait for the one process that knows modules.
-spec start() -> ok.
start() ->
    Tsung = folders([ts_client, ts_config_server]),
    Onager = folders([?MODULE, ts_mon_cache]) -- Tsung,
    Otp = [Folder || Folder <- code:get_path(), lists:prefix(code:lib_dir(), Folder)] -- Tsung,
    %% Of modules of the same name, Onager's are called.
    Modules = [{Module, otp} || Module <- erlang:pre_loaded()]
        ++ [{list_to_atom(filename:basename(Name, ".beam")), Owner}
            || {Folders, Owner} <- [{Otp, otp}, {Tsung, tsung}, {Onager, onager}],
               Folder <- Folders, {ok, Names} <- [file:list_dir(Folder)],
               Name <- Names, filename:extension(Name) =:= ".beam"],
    persistent_term:put(?MODULE, maps:from_list(Modules)).

folders(Modules) ->
    [filename:dirname(File) || Module <- Modules, File <- [code:which(Module)], is_list(File)].

-spec short(Reason :: term()) -> short().
short({badarg, [{erlang, atom_to_list, [Why], _}, {ts_client, Name, _, _} | _]}) ->
    {connection, Name, why(Why)};
short({Reason, Stack = [{_, _, _, _} | _]}) -> {kind(Reason), frames(Stack, ?FRAMES)};
%% A call that nobody answered has no stack, but what was called.
short({Reason, {Module, Name, Args}}) when is_atom(Module), is_atom(Name), is_list(Args) ->
    {kind(Reason), [{Module, Name, length(Args)}]};
short(Reason) -> {kind(Reason), []}.

%% The reason without its values, for the log.
-spec bare(Reason :: term()) -> term().
bare({Reason, Stack = [{_, _, _, _} | _]}) -> {kind(Reason), lines(Stack)};
bare(Reason) ->
    case short(Reason) of
        {Kind, []} -> Kind;
        Short -> Short
    end.

lines([{Module, Name, Args, Place} | Others]) when is_atom(Module), is_atom(Name), is_list(Place) ->
    [{Module, Name, arity(Args), [Where || Where = {What, _} <- Place,
                                           What =:= file orelse What =:= line]} | lines(Others)];
lines(_) -> [].

kind(Kind) when is_atom(Kind) -> Kind;
kind(Reason) when is_tuple(Reason), tuple_size(Reason) > 0 -> kind(element(1, Reason));
kind(_) -> unknown.

frames([{Module, Name, Args, _} | Others], Left) when Left > 0, is_atom(Module), is_atom(Name) ->
    [{Module, Name, arity(Args)} | frames(Others, Left - 1)];
frames(_, _) -> [].

arity(Args) when is_list(Args) -> length(Args);
arity(Arity) when is_integer(Arity) -> Arity;
arity(_) -> 0.

why({tls_alert, {Alert, Text}}) when is_atom(Alert) ->
    %% One alert stands for several mistakes.
    Known = [Why || {Part, Why} <- [{"hostname_check_failed", "wrong_name"},
                                    {"selfsigned_peer", "self_signed"}],
                    string:find(Text, Part) =/= nomatch],
    "tls_" ++ hd(Known ++ [atom_to_list(Alert)]);
why({tls_alert, _}) -> "tls_failed";
why(Why) when is_tuple(Why), element(1, Why) =:= options -> "tls_options";
why(Why) -> atom_to_list(kind(Why)).

%% The counter for what died, `user` or the module of a process. It is read by
%% output/error-words.ts: `error_crash`, what, whose code, module, function, arity and kind, and
%% the function of Erlang that was called, with an `@` between them.
%%
%% `Code`: of the scenario, that the user was about to run. Where it ends by calling something, it
%% has left the stack, and it never was there if it ended by an `exit` or a `throw`.
-spec counter(Who :: atom(), short(), Code :: eval | mfa() | undefined) -> atom().
counter(user, {connection, reconnect, Why}, _) -> joined(["error_connect_", name(Why)]);
counter(user, {connection, handle_next_request, Why}, _) -> joined(["error_send_", name(Why)]);
counter(user, {connection, _, Why}, _) -> joined(["error_inet_", name(Why)]);
counter(Who, {connection, Name, _}, Code) -> counter(Who, {badarg, [{ts_client, Name, 0}]}, Code);
counter(Who, {Kind, Frames}, Code) ->
    {Owner, Place, Called} = place(Frames, none, Code),
    joined(lists:join("@", ["error_crash", name(Who), Owner | function(Place)]
                      ++ [name(Kind) | function(Called)])).

joined(Parts) -> list_to_atom(lists:sublist(lists:append(Parts), 255)).

%% The first function that is not Erlang's own, whose it is, and the one of Erlang's that it called.
place([], Called, undefined) -> {"none", none, Called};
place([], Called, eval) -> {"eval", none, Called};
place([], Called, Code) -> {"own", Code, Called};
place([{ts_client, handle_next_action, 1} | _], Called, Code) when Code =/= undefined ->
    place([], Called, Code);
place([Frame = {Module, _, _} | Others], Called, Code) ->
    case owner(Module) of
        otp when Module =:= erl_eval -> {"eval", none, Called};
        otp when Called =:= none -> place(Others, Frame, Code);
        otp -> place(Others, Called, Code);
        %% Nobody has this module: who called it lacks it. These call what the scenario names.
        nobody ->
            case place(Others, Frame, undefined) of
                {"tsung", {Caller, _, _}, _}
                  when Caller =:= ts_client; Caller =:= ts_search; Caller =:= ts_erlang ->
                    {"own", Frame, none};
                Place -> Place
            end;
        Owner -> {atom_to_list(Owner), Frame, Called}
    end.

owner(Module) ->
    case maps:find(Module, persistent_term:get(?MODULE)) of
        {ok, Owner} -> Owner;
        error -> case erlang:module_loaded(Module) of true -> own; false -> nobody end
    end.

%% Erlang calls a `fun` in a function -name/arity-fun-number-.
function(none) -> [];
function({Module, Name, Arity}) ->
    case string:lexemes(atom_to_list(Name), "-/") of
        [Outer, OuterArity | _] when hd(Outer) =/= $<, Name =/= '-', Name =/= '/' ->
            [name(Module), name(Outer), name(OuterArity)];
        _ -> [name(Module), name(Name), integer_to_list(Arity)]
    end.

%% Without quotes in Tsung's log, and without anything else in it that could have a meaning.
name(Name) when is_atom(Name) -> name(atom_to_list(Name));
name(Name) -> [letter(C) || C <- lists:sublist(Name, ?LONGEST)].

letter(C) when C >= $a, C =< $z; C >= $A, C =< $Z; C >= $0, C =< $9 -> C;
letter(_) -> $_.
