%% What a user's process knows of what it is doing, so that a duration has a name, a status and a
%% transaction. All of it lies in the process's own dictionary.
-module(onager_user).

-export([acts/2, answered/1, measured/3]).

-define(NAME, onager_name).
-define(STATUS, onager_status).
%% Open transactions, the innermost first, each with whether one of its requests has failed.
-define(OPEN, onager_transactions).

%% The user has got its next action.
acts({transaction, start, Name}, _) -> put(?OPEN, [{Name, false} | open()]), ok;
acts(_, none) -> ok;
acts(_, Name) -> put(?NAME, Name), erase(?STATUS), ok.

answered(Status) -> put(?STATUS, Status), ok.

-spec measured(request | page | connect | atom(), number(), non_neg_integer()) -> ok.
measured(request, Ms, Bytes) ->
    Status = case get(?STATUS) of undefined -> 0; Known -> Known end,
    Error = case get(protocol_error) of undefined -> ''; Kind -> Kind end,
    Open = open(),
    Failed = Status >= 400 orelse Error =/= '',
    if Failed, Open =/= [] -> put(?OPEN, [{Name, true} || {Name, _} <- Open]); true -> ok end,
    Transaction = case Open of [{Innermost, _} | _] -> Innermost; [] -> '' end,
    onager_samples:add({request, get(?NAME), Transaction, Status, Error}, Ms, Bytes);
measured(Kind, Ms, Bytes) when Kind =:= page; Kind =:= connect ->
    onager_samples:add({Kind, '', '', 0, ''}, Ms, Bytes);
measured(Transaction, Ms, _) ->
    Error = case lists:keytake(Transaction, 1, open()) of
                {value, {_, Failed}, Others} ->
                    put(?OPEN, Others),
                    if Failed -> failed; true -> '' end;
                false -> ''
            end,
    onager_samples:add({transaction, Transaction, '', 0, Error}, Ms, 0).

open() -> case get(?OPEN) of undefined -> []; Open -> Open end.
