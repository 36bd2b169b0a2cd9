%% Keeps the first errors of each kind as they come, with time and name: counts alone do not say
%% what to look at.
-module(onager_errors).

-export([create/0, seen/3, take/0]).
-export_type([seen/0]).

%% `Name`: of the request that the user was about, see onager_names; '' before its first.
-type seen() :: {AtUs :: integer(), Name :: pos_integer() | '', Status :: non_neg_integer(),
                 Error :: atom()}.

-define(OF_EACH_KIND, 5).

%% The table lives as long as the process that calls this.
-spec create() -> ok.
create() ->
    Table = ets:new(?MODULE, [public, ordered_set, {write_concurrency, true}]),
    persistent_term:put(?MODULE, Table).

-spec seen(pos_integer() | '', non_neg_integer(), atom()) -> ok.
seen(Name, Status, Error) ->
    Table = persistent_term:get(?MODULE),
    Kind = case Error of '' -> Status; _ -> Error end,
    case ets:update_counter(Table, {kind, Kind}, {2, 1, ?OF_EACH_KIND, ?OF_EACH_KIND + 1},
                            {none, 0}) of
        Nth when Nth =< ?OF_EACH_KIND ->
            AtUs = os:system_time(microsecond),
            ets:insert(Table, {{seen, erlang:unique_integer()}, {AtUs, Name, Status, Error}}),
            ok;
        _ -> ok
    end.

%% Those since the last call.
-spec take() -> [seen()].
take() ->
    Table = persistent_term:get(?MODULE),
    Keys = ets:select(Table, [{{{seen, '$1'}, '_'}, [], [{{seen, '$1'}}]}]),
    lists:sort([Seen || Key <- Keys, {_, Seen} <- ets:take(Table, Key)]).
