%% On SIGTERM Erlang stops its applications, users first. This handler comes before Erlang's own and
%% has what was measured written.
-module(onager_term).

-behaviour(gen_event).

-export([install/0]).
-export([init/1, handle_event/2, handle_call/2]).

-spec install() -> term().
install() -> gen_event:add_handler(erl_signal_server, ?MODULE, []).

init(_) -> {ok, none}.

handle_event(sigterm, State) -> onager_end:ask(), {ok, State};
handle_event(_, State) -> {ok, State}.

handle_call(_, State) -> {ok, ok, State}.
