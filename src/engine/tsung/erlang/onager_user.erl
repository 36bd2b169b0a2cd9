%% What a user's process knows of what it is doing, so that a duration has a name, a status and a
%% transaction. All of it lies in the process's own dictionary.
-module(onager_user).

-export([acts/2, answered/1, code/0, erred/1, is_in/1, received/1, measured/3, stopped/1]).

-define(NAMING, onager_naming).
-define(STATUS, onager_status).
-define(BYTES, onager_bytes).
-define(CODE, onager_code).
%% Open transactions, each with whether something in it has failed.
-define(OPEN, onager_transactions).

%% The user has got its next action.
-spec acts(tuple(), onager_names:naming() | none) -> ok.
acts({transaction, start, Name}, _) -> put(?OPEN, [{Name, false} | open()]), ok;
acts({setdynvars, code, _, _}, _) -> put(?CODE, eval), ok;
acts({setdynvars, erlang, {Module, Callback}, _}, _) -> put(?CODE, {Module, Callback, 1}), ok;
acts(_, none) -> erase(?CODE), ok;
acts(_, Naming) ->
    put(?NAMING, Naming),
    erase(?STATUS),
    erase(?BYTES),
    %% Tsung keeps it until the request's row is written.
    erase(protocol_error),
    ok.

%% The code of the scenario that the user's last action was to run.
-spec code() -> eval | mfa() | undefined.
code() -> get(?CODE).

%% Tsung takes any three characters that are a number, such as -12.
-spec answered(Status :: integer()) -> ok.
answered(Status) ->
    put(?STATUS, if Status >= 100, Status =< 599 -> Status; true -> bad end),
    ok.

%% Part of a long answer has come.
-spec received(Bytes :: integer()) -> ok.
received(Bytes) -> put(?BYTES, taken(get(?BYTES)) + Bytes), ok.

%% An error that is not a request's: a connection that is refused, an answer that does not come.
-spec erred(atom()) -> ok.
erred(Counter) when Counter =:= error_abort; Counter =:= error_abort_max_conn_retries ->
    %% No causes: what led to them was counted under its own name.
    fail();
%% What the user died of is counted by onager_crashes.
erred(error_unknown) -> fail();
erred(Counter) ->
    case atom_to_list(Counter) of
        "error_" ++ _ -> fail(), onager_errors:seen(about(get(?NAMING)), 0, Counter);
        _ -> ok
    end.

%% Where a user has not sent a request yet, its session is what there is to say.
-spec is_in(Session :: string() | none) -> ok.
is_in(none) -> ok;
is_in(Session) ->
    case get(?NAMING) of
        undefined ->
            put(?NAMING, ts_session_cache:number(onager_names:of_session(Session))),
            ok;
        _ -> ok
    end.

-spec measured(request | page | connect | atom(), number(), non_neg_integer()) -> ok.
measured(request, Ms, Bytes) ->
    {Number, Status, Error} = outcome(get(?NAMING)),
    if Status >= 400; Error =/= '' -> fail(), onager_errors:seen(Number, Status, Error);
       true -> ok
    end,
    onager_samples:add({request, Number, Status, Error}, Ms, Bytes + taken(erase(?BYTES)));
measured(Kind, Ms, _) when Kind =:= page; Kind =:= connect ->
    onager_samples:add({Kind, '', 0, ''}, Ms, 0);
measured(Transaction, Ms, _) ->
    Error = case lists:keytake(Transaction, 1, open()) of
                {value, {_, true}, Others} -> put(?OPEN, Others), failed;
                {value, {_, false}, Others} -> put(?OPEN, Others), '';
                false -> ''
            end,
    onager_samples:add({transaction, Transaction, 0, Error}, Ms, 0).

%% The load has ended; `State` is Tsung's of this user. `wait_ack`: a request was sent, and its
%% answer has not come.
-spec stopped({StateName :: atom(), term()}) -> {atom(), term()}.
stopped({wait_ack, _} = State) ->
    onager_samples:add({in_flight, about(get(?NAMING)), 0, ''}, 0, 0),
    State;
stopped(State) -> State.

outcome(undefined) -> {'', 0, error()};
outcome({other, Number}) -> {Number, 0, error()};
outcome({http, Number}) ->
    case get(?STATUS) of
        undefined -> {Number, 0, 'error_no_http_status'};
        bad -> {Number, 0, 'error_bad_http_status'};
        Status -> {Number, Status, error()}
    end;
outcome({sent, Method}) -> outcome({http, onager_names:sent(Method, get(last_url))}).

about(undefined) -> '';
about({sent, Method}) ->
    case get(last_url) of undefined -> ''; Url -> about(onager_names:sent(Method, Url)) end;
about({_, Number}) -> Number;
about(Number) -> Number.

error() -> case get(protocol_error) of undefined -> ''; Kind -> Kind end.

fail() ->
    case open() of
        [] -> ok;
        Open -> put(?OPEN, [{Name, true} || {Name, _} <- Open]), ok
    end.

open() -> case get(?OPEN) of undefined -> []; Open -> Open end.

taken(undefined) -> 0;
taken(Bytes) -> Bytes.
