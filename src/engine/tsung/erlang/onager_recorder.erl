%% Writes what was measured to a file, a record a second.
%%
%% A record is its length and its CRC-32, each in 32 bits, and as many bytes; a torn end is seen by
%% either. What is in it is in records/1. All numbers are unsigned LEB128.
-module(onager_recorder).

-behaviour(gen_server).

-export([start/1, flush/0]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

%% A second's table is drained this long after its end.
-define(LATE_MS, 100).

start(File) -> gen_server:start({local, ?MODULE}, ?MODULE, File, []).

%% Writes all that was measured so far.
flush() -> gen_server:call(?MODULE, flush, infinity).

init(File) ->
    {ok, Device} = file:open(File, [append, raw, binary]),
    tick(),
    {ok, #{device => Device, strings => #{}, last => os:system_time(second) - 1}}.

handle_call(flush, _From, State) ->
    Now = os:system_time(second),
    {reply, ok, lists:foldl(fun record/2, State, onager_samples:due(Now))}.

handle_cast(_, State) -> {noreply, State}.

handle_info(tick, State = #{last := Last}) ->
    tick(),
    Over = os:system_time(second) - 1,
    Seconds = [Second || Second <- onager_samples:due(Over), Second > Last],
    {noreply, lists:foldl(fun record/2, State#{last := max(Over, Last)}, Seconds)};
handle_info(_, State) -> {noreply, State}.

tick() ->
    erlang:send_after(1000 + ?LATE_MS - os:system_time(millisecond) rem 1000, self(), tick).

record(Second, State = #{device := Device, strings := Known}) ->
    case onager_samples:drain(Second) of
        [] -> State;
        Totals ->
            {Strings, New} = lists:foldl(fun named/2, {Known, []}, Totals),
            Payload = iolist_to_binary([number(Second),
                                        number(length(New)), lists:reverse(New),
                                        number(length(Totals)), [total(T, Strings) || T <- Totals]]),
            Header = <<(byte_size(Payload)):32, (erlang:crc32(Payload)):32>>,
            ok = file:write(Device, [Header, Payload]),
            State#{strings := Strings}
    end.

%% Strings are numbered from 1 as they first come; 0 is none.
named({{_, Name, Transaction, _, Error}, _, _, _, _, _, _}, Acc) ->
    lists:foldl(fun numbered/2, Acc, [Name, Transaction, Error]).

numbered('', Acc) -> Acc;
numbered(Name, {Known, New}) when is_map_key(Name, Known) -> {Known, New};
numbered(Name, {Known, New}) ->
    Text = text(Name),
    {Known#{Name => map_size(Known) + 1}, [[number(byte_size(Text)), Text] | New]}.

text(Name) when is_atom(Name) -> atom_to_binary(Name);
text(Name) -> onager_names:text(Name).

total({{Kind, Name, Transaction, Status, Error}, Count, SumUs, Bytes, MinUs, MaxUs, Buckets},
      Strings) ->
    {Steps, _} = lists:mapfoldl(fun({Bucket, Times}, Before) ->
                                        {[number(Bucket - Before), number(Times)], Bucket}
                                end, 0, Buckets),
    [[number(N) || N <- [kind(Kind), string(Name, Strings), string(Transaction, Strings), Status,
                         string(Error, Strings), Count, SumUs, MinUs, MaxUs, Bytes,
                         length(Buckets)]],
     Steps].

kind(request) -> 0;
kind(transaction) -> 1;
kind(page) -> 2;
kind(connect) -> 3.

string('', _) -> 0;
string(Name, Strings) -> maps:get(Name, Strings).

number(N) when N < 128 -> N;
number(N) -> [N band 127 bor 128, number(N bsr 7)].
