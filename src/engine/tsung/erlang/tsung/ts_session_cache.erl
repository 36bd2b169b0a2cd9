%% Takes the place of Tsung's module of this name: gives users the actions of their sessions.
%%
%% Tsung asks one process for each action of each user. Here an action that is known is read where
%% it lies, without a copy and without a queue. And here, and only here, each user passes with the
%% request that it is about to send: its name and the open transactions are kept in the user's own
%% process, for onager_user.
-module(ts_session_cache).

-behaviour(gen_server).

-export([start/0, get_req/2, get_user_agent/0, number/1]).
-export([init/1, handle_call/3, handle_cast/2]).

-spec start() -> gen_server:start_ret().
start() -> gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

-spec get_req(term(), integer()) -> term().
get_req(Session, At) ->
    Key = {?MODULE, Session, At},
    {Action, Naming} =
        case persistent_term:get(Key, none) of
            none -> gen_server:call(?MODULE, {get_req, Session, At}, infinity);
            Known -> Known
        end,
    onager_user:acts(Action, Naming),
    Action.

-spec get_user_agent() -> string().
get_user_agent() ->
    case persistent_term:get({?MODULE, user_agents}, none) of
        none -> chosen(gen_server:call(?MODULE, get_user_agents, infinity));
        Agents -> chosen(Agents)
    end.

%% Numbers a name that came up only now.
-spec number(binary()) -> pos_integer().
number(Text) -> gen_server:call(?MODULE, {number, Text}, infinity).

init([]) ->
    ok = onager_names:create(),
    {ok, none}.

handle_call({get_req, Session, At}, _From, State) ->
    Reply = case catch ts_config_server:get_req(Session, At) of
                {'EXIT', Reason} -> {{error, Reason}, none};
                Action ->
                    Known = {Action, naming_of(Action)},
                    persistent_term:put({?MODULE, Session, At}, Known),
                    Known
            end,
    {reply, Reply, State};
handle_call({number, Text}, _From, State) -> {reply, onager_names:number(Text), State};
handle_call(get_user_agents, _From, State) ->
    Agents = ts_config_server:get_user_agents(),
    persistent_term:put({?MODULE, user_agents}, Agents),
    {reply, Agents, State}.

handle_cast(_, State) -> {noreply, State}.

naming_of(Action) when element(1, Action) =:= ts_request -> onager_names:naming(Action);
naming_of(_) -> none.

%% Each has its share of a hundred.
chosen(empty) -> "tsung";
chosen([{_, Agent}]) -> Agent;
chosen(Agents) -> chosen(Agents, rand:uniform(100)).

chosen([{Share, Agent} | _], Left) when Left =< Share -> Agent;
chosen([], _) -> "tsung";
chosen([{Share, _} | Others], Left) -> chosen(Others, Left - Share).
