/**
 * The Erlang program that has Tsung's own reader judge a scenario without running any of its code.
 *
 * It loads all of Tsung's modules, answers questions, and calls what the controller calls to read
 * its configuration. The servers that a controller would have by then are replaced by processes
 * that answer "ok" to everything. A scenario that is refused is read once more with its calls
 * traced, which takes longer, to find the element and the value that were being read. Files are
 * looked for in the scenario's folder, but code is not: its modules are inspected, not loaded.
 */

/** Files in the folder that is the first argument. */
export const readerFiles = { config: 'tsung.xml', questions: 'questions', answer: 'answer' };

/** Words of memory, 384 MB: a reader that needs more is killed, and the scenario stays unread. */
const maxHeapWords = 48 * 1024 * 1024;

/**
 * For `erl -eval`, with these arguments after `-extra`: a folder of its own, the scenario's, those
 * of Tsung's modules. The answer is a file of lines of words, each in base64, and is complete when
 * its last line is `end`.
 */
export const readerProgram = `
[Dir, Scenario | Ebins] = init:get_plain_arguments(),
code:del_path("."),
ok = file:set_cwd(Scenario),
logger:set_primary_config(level, none),
In = fun(Name) -> filename:join(Dir, Name) end,
Text = fun(Term) -> io_lib:format("~0tp", [Term], [{chars_limit, 2000}]) end,
Line = fun(Words) -> [lists:join(" ", [base64:encode(unicode:characters_to_binary(Word)) || Word <- Words]), "\\n"] end,
Answer = fun(Lines) ->
  file:write_file(In("${readerFiles.answer}"), [Line(Words) || Words <- Lines ++ [["end"]]]),
  erlang:halt(0)
end,
Unread = ["unread", "it needs more memory than it may take"],
try
Modules = [list_to_atom(filename:rootname(File)) || Ebin <- Ebins, File <- filelib:wildcard("*.beam", Ebin)],
Unusable = case code:ensure_modules_loaded(Modules) of ok -> []; {error, Which} -> Which end,
Absent = [{Module, nofile} || Module <- [xmerl_scan, ssl, crypto], code:which(Module) =:= non_existing],
case Unusable ++ Absent of
  [] -> ok;
  [{Unused, Why} | _] ->
    Answer([["unusable", atom_to_list(Unused), atom_to_list(Why), erlang:system_info(otp_release)]])
end,
Config = In("${readerFiles.config}"),
filelib:is_regular(Config) orelse Answer([["ok"]]),
Untrusting = case os:getenv("ONAGER_TLS_VERIFY") =:= "true" andalso onager_tls:authorities() of
  [] -> [["no-authorities"]];
  _ -> []
end,
Lacking = [["lacks", atom_to_list(Caller), atom_to_list(Module),
    io_lib:format("~s:~s/~b", [Module, Name, Arity]), erlang:system_info(otp_release)] ||
  {Caller, {Module, Name, Arity}} <- onager_mend:missing(Ebins)],

ExportsOf = fun(File) ->
  case beam_lib:chunks(File, [exports]) of {ok, {_, [{exports, All}]}} -> All; _ -> [] end
end,
Exports = fun(Name) ->
  Module = list_to_atom(Name),
  Own = filename:join(Scenario, Name ++ ".beam"),
  case {filelib:is_regular(Own), code:which(Module)} of
    {true, _} -> ExportsOf(Own);
    {_, non_existing} -> none;
    {_, preloaded} -> Module:module_info(exports);
    {_, File} -> ExportsOf(File)
  end
end,
Parse = fun(Code) ->
  case erl_scan:string(Code, {1, 1}) of
    {ok, Tokens, _} -> erl_parse:parse_exprs(Tokens);
    {error, Fault, _} -> {error, Fault}
  end
end,
Ask = fun
  ({callback, Id, Name, Function}) ->
    case Exports(Name) of
      none -> [["no-module", Id]];
      All -> [["no-function", Id] || not lists:member({list_to_atom(Function), 1}, All)]
    end;
  ({code, Id, Code}) ->
    case Parse(Code) of
      {error, {At, Module, What}} -> [["code", Id, Module:format_error(What), case erl_anno:column(At) of undefined -> ""; Column -> integer_to_list(Column) end]];
      {ok, [{'fun', _, {clauses, [{clause, _, Patterns, _, _} | _]}}]} ->
        [["arity", Id, integer_to_list(length(Patterns))] || length(Patterns) =/= 1];
      {ok, _} -> []
    end;
  ({regexp, Id, RegExp}) ->
    case re:compile(ts_utils:clean_str(RegExp)) of
      {ok, _} -> [];
      {error, {What, At}} -> [["regexp", Id, What, integer_to_list(At)]]
    end
end,
{ok, Questions} = file:consult(In("${readerFiles.questions}")),
Faults = lists:append([try Ask(Question) catch _:_ -> [] end || Question <- Questions]),

[application:load(Application) || Application <- [tsung, tsung_controller]],
[application:set_env(stdlib, Key, Value) || {Key, Value} <- application:get_all_env(tsung_controller)],
Serve = fun Serve() ->
  receive {'$gen_call', {From, Tag}, _} -> From ! {Tag, ok}; _ -> ok end,
  Serve()
end,
[yes = global:register_name(Name, spawn(Serve)) || Name <- [ts_timer, ts_user_server, ts_job_notify]],
ok = file:make_dir(In("log")),
Start = fun(Trace) ->
  {Reader, Ref} = spawn_opt(fun() ->
    receive go -> ok end,
    {ok, State} = ts_config_server:init([In("log")]),
    {reply, Reply, _} = ts_config_server:handle_call({read_config, Config}, {self(), none}, State),
    exit({told, Reply})
  end, [monitor, {max_heap_size, #{size => ${maxHeapWords}, kill => true, error_logger => false}}]),
  Trace(Reader),
  Reader ! go,
  {Reader, Ref}
end,
Trace = fun(Reader) ->
  erlang:trace(Reader, true, [call, return_to, arity]),
  Element = [{['$1', '_'], [{is_tuple, '$1'}, {'=:=', {element, 1, '$1'}, xmlElement}],
    [{message, {{{element, 2, '$1'}, {element, 7, '$1'}, {element, 6, '$1'}}}}]}],
  Parsers = [{ts_config, parse, 2} | [{list_to_atom(filename:rootname(File)), parse_config, 2} ||
    Ebin <- Ebins, File <- filelib:wildcard("ts_config_*.beam", Ebin)]],
  [erlang:trace_pattern(Parser, Element, [local]) || Parser <- Parsers],
  Value = [{['$1', '$2'], [], [{message, {{value, '$1', '$2'}}}]}],
  erlang:trace_pattern({ts_config, getTypeAttr, 2}, Value, [local])
end,
Follow = fun Follow({Reader, Ref}, Open) ->
  receive
    {trace, Reader, call, _, Call} when hd(Open) =:= Call -> Follow({Reader, Ref}, Open);
    {trace, Reader, call, _, Call} -> Follow({Reader, Ref}, [Call | Open]);
    {trace, Reader, return_to, _} -> Follow({Reader, Ref}, tl(Open ++ [none || Open =:= []]));
    {'DOWN', Ref, process, _, Reason} -> {Reason, Open}
  end
end,
Number = fun(Sought) ->
  {Root, _} = xmerl_scan:file(Config, [{validation, false}, {fetch_fun, fun(_, S) -> {ok, not_fetched, S} end}]),
  All = (fun Walk(Node) ->
    case is_tuple(Node) andalso element(1, Node) of
      xmlElement -> [{element(2, Node), element(7, Node), element(6, Node)} | lists:flatmap(Walk, element(9, Node))];
      _ -> []
    end
  end)(Root),
  length(lists:takewhile(fun(One) -> One =/= Sought end, All))
end,
Place = fun(Open) ->
  Values = case Open of [{value, Type, Value} | _] -> [atom_to_list(Type), Value]; _ -> ["", ""] end,
  case [One || One = {Name, _, _} <- Open, Name =/= value] of
    [One | _] -> [integer_to_list(Number(One)) | Values];
    [] -> ["" | Values]
  end
end,
Refusal = fun() ->
  process_flag(message_queue_data, off_heap),
  case Follow(Start(Trace), []) of
    {{told, {error, {Reason, [{Module, _, _, _} | _]}}}, Open} when is_atom(Module) ->
      ["refused", Text(Reason) | Place(Open)];
    {{told, {error, Reason}}, Open} -> ["refused", Text(Reason) | Place(Open)];
    {killed, _} -> Unread;
    {Reason, Open} -> ["refused", Text(Reason) | Place(Open)]
  end
end,
Read = case Follow(Start(fun(_) -> ok end), []) of
  {{told, ok}, _} -> ["ok"];
  {killed, _} -> Unread;
  _ -> Refusal()
end,
Answer(Untrusting ++ Lacking ++ Faults ++ [Read])
catch Class:Fault -> Answer([["unread", Text({Class, Fault})]])
end.
`;
