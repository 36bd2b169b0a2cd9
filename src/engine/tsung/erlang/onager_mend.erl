%% Lets Tsung 1.7 and 1.8 run on Erlang/OTP 25 to 29: redirects those of its calls that the
%% installed release no longer answers, those that open a TLS connection, and those that ask what
%% there is to fire.
%%
%% A compiled module lists the functions that it calls in other modules (chunk `ImpT`), by the
%% numbers of atoms (chunk `AtU8`). Here an atom is added, and the calls in question get its number:
%% onager_otp has what is missing, onager_tls opens connections, onager_share knows this machine's
%% part of the load. That is done in memory, before Tsung's first module is called, in each virtual
%% machine: no file can be older than the Tsung or the Erlang that it is of.
-module(onager_mend).

-export([start/0, missing/1, mended/1]).

%% Parts of libraries that Tsung does not have, and calls nowhere that it comes to.
-define(NEVER_THERE, [mochiweb_mime, rabbit_log]).

%% Replaces the modules of Tsung that need it. ONAGER_TLS_VERIFY: see onager_tls. ONAGER_SHARE: see
%% onager_share.
-spec start() -> ok.
start() ->
    onager_tls:start(os:getenv("ONAGER_TLS_VERIFY") =:= "true"),
    onager_share:start(os:getenv("ONAGER_SHARE")),
    lists:foreach(fun load/1, lists:flatmap(fun beams/1, folders())).

folders() ->
    [filename:dirname(File) || Module <- [ts_client, tsung_controller],
                               File <- [code:which(Module)], is_list(File)].

beams(Folder) -> [filename:join(Folder, Name) || Name <- filelib:wildcard("*.beam", Folder)].

load(File) ->
    case mended(File) of
        none -> ok;
        {Module, Beam} ->
            %% Not those that Onager replaces.
            case code:which(Module) of
                File -> {module, Module} = code:load_binary(Module, File, Beam), ok;
                _ -> ok
            end
    end.

%% What the modules of these folders call and neither Erlang nor Onager has.
-spec missing([file:filename()]) -> [{module(), mfa()}].
missing(Folders) ->
    Known = [calls(File) || File <- lists:flatmap(fun beams/1, Folders)],
    Own = [Caller || {Caller, _} <- Known],
    [{Caller, Call} || {Caller, Calls} <- Known, Call = {Module, _, _} <- Calls,
                       not lists:member(Module, Own ++ ?NEVER_THERE),
                       substitute(Caller, Call) =:= none, not has(Call)].

calls(File) ->
    {ok, Bytes} = file:read_file(File),
    {ok, {Module, [{imports, Calls}]}} = beam_lib:chunks(Bytes, [imports]),
    {Module, Calls}.

%% The module that is to be called instead.
substitute(_, {ssl, connect, Arity}) when Arity >= 2, Arity =< 4 -> onager_tls;
substitute(Caller, Call) ->
    case {onager_share:stands_for(Caller, Call), onager_otp:stands_for(Call)} of
        {true, _} -> onager_share;
        {_, true} -> case has(Call) of true -> none; false -> onager_otp end;
        _ -> none
    end.

has({Module, Name, Arity}) ->
    code:ensure_loaded(Module),
    erlang:function_exported(Module, Name, Arity) orelse erlang:is_builtin(Module, Name, Arity).

%% The module that is to be loaded in place of this file.
-spec mended(file:filename()) -> {module(), binary()} | none.
mended(File) ->
    %% As bytes: beam_lib reads a file it is given the name of in many steps.
    {ok, Bytes} = file:read_file(File),
    {ok, Module, Chunks} = beam_lib:all_chunks(Bytes),
    {_, AtomChunk} = lists:keyfind("AtU8", 1, Chunks),
    {_, <<Count:32, Imports/binary>>} = lists:keyfind("ImpT", 1, Chunks),
    Atoms = list_to_tuple(atoms(AtomChunk)),
    Calls = [{At, Name, Arity,
              substitute(Module, {element(At, Atoms), element(Name, Atoms), Arity})}
             || <<At:32, Name:32, Arity:32>> <= Imports],
    case lists:usort([To || {_, _, _, To} <- Calls, To =/= none]) of
        [] -> none;
        New ->
            Numbers = maps:from_list(lists:zip(New, lists:seq(tuple_size(Atoms) + 1,
                                                              tuple_size(Atoms) + length(New)))),
            Redirected = << <<(maps:get(To, Numbers, At)):32, Name:32, Arity:32>>
                            || {At, Name, Arity, To} <- Calls >>,
            Changed = #{"AtU8" => with_atoms(AtomChunk, New),
                        "ImpT" => <<Count:32, Redirected/binary>>},
            {ok, Beam} = beam_lib:build_module([{Id, maps:get(Id, Changed, Data)}
                                                || {Id, Data} <- Chunks]),
            {Module, Beam}
    end.

%% Up to OTP 27 a length is a byte; since OTP 28 it may be a compact term, and the count negative.
atoms(<<Count:32/signed, Rest/binary>>) when Count >= 0 ->
    [binary_to_atom(Atom) || <<Length, Atom:Length/binary>> <= Rest];
atoms(<<_:32, Rest/binary>>) -> long_atoms(Rest).

long_atoms(<<Length:4, 0:4, Atom:Length/binary, Rest/binary>>) ->
    [binary_to_atom(Atom) | long_atoms(Rest)];
long_atoms(<<High:3, 1:2, 0:3, Low, Rest/binary>>) ->
    Length = High * 256 + Low,
    <<Atom:Length/binary, Others/binary>> = Rest,
    [binary_to_atom(Atom) | long_atoms(Others)];
long_atoms(<<>>) -> [].

with_atoms(<<Count:32/signed, Rest/binary>>, New) ->
    Sign = if Count < 0 -> -1; true -> 1 end,
    Added = << <<(added(Sign, atom_to_binary(Atom)))/binary>> || Atom <- New >>,
    <<(Count + Sign * length(New)):32, Rest/binary, Added/binary>>.

added(1, Text) -> <<(byte_size(Text)), Text/binary>>;
added(-1, Text) when byte_size(Text) < 16 -> <<(byte_size(Text)):4, 0:4, Text/binary>>.
