%% Writes what was measured to a file, a record a second, and gives Tsung's own statistics the same.
%%
%% A record is its length and its CRC-32, each in 32 bits, and as many bytes; a torn end is seen by
%% either. output/records.ts describes what is in it, and reads it.
-module(onager_recorder).

-behaviour(gen_server).

-export([start/1, flush/0]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

%% Of what a record holds. A reader of another version says so, and does not guess.
-define(VERSION, 1).

%% A second's table is drained this long after its end, and again with the next ones: what comes
%% later still is a second record of the same second.
-define(LATE_MS, 20).

-spec start(file:filename()) -> ok.
start(File) ->
    case gen_server:start({local, ?MODULE}, ?MODULE, File, []) of
        {ok, _} -> ok;
        {error, {already_started, _}} -> ok
    end.

%% Writes all that was measured so far.
-spec flush() -> ok.
flush() -> gen_server:call(?MODULE, flush, infinity).

init(File) ->
    %% Else it would end with Tsung's application, before its users do.
    group_leader(whereis(init), self()),
    case file:open(File, [append, raw, binary]) of
        {ok, Device} ->
            onager_samples:create(),
            onager_errors:create(),
            onager_delay:create(),
            tick(),
            {ok, #{device => Device, size => filelib:file_size(File), unwritten => <<>>,
                   strings => #{}}};
        {error, Reason} -> {stop, {Reason, File}}
    end.

handle_call(flush, _From, State) ->
    {reply, ok, tried(<<>>, written(onager_samples:due(os:system_time(second)), State))}.

handle_cast(_, State) -> {noreply, State}.

handle_info(tick, State) ->
    tick(),
    %% The first of them shares its table with the second that has just begun.
    [_ | Over] = onager_samples:due(os:system_time(second) - 1),
    {noreply, written(Over, State)};
handle_info(_, State) -> {noreply, State}.

tick() ->
    erlang:send_after(1000 + ?LATE_MS - os:system_time(millisecond) rem 1000, self(), tick).

%% A record for each second in which something ended, whatever table it lay in.
%%
%% Who counts needs the tables, which end with this process. So a second that has no form in a
%% record is lost (the report says how many requests were counted and not recorded), and the load
%% goes on with the strings that the records before it have numbered.
written(Seconds, State) ->
    Totals = lists:flatmap(fun onager_samples:drain/1, Seconds),
    Errors = onager_errors:take(),
    Delays = [{Second, Delays} || Second <- Seconds,
                                  Delays <- [onager_delay:take(Second)], Delays =/= none],
    told(Totals),
    Its = fun(Second, All, Of) -> [One || One <- All, Of(One) =:= Second] end,
    Ended = fun onager_samples:second/1,
    Seen = fun({AtUs, _, _, _}) -> AtUs div 1000000 end,
    lists:foldl(fun(Second, Before) ->
                        try record(Second, Its(Second, Totals, Ended),
                                   {Its(Second, Errors, Seen),
                                    proplists:get_value(Second, Delays, none)},
                                   Before)
                        catch _:_ -> Before
                        end
                end, State,
                lists:usort(lists:map(Ended, Totals) ++ lists:map(Seen, Errors)
                            ++ [Second || {Second, _} <- Delays])).

record(Second, Totals, {Errors, Delays}, State = #{strings := Known}) ->
    Texts = lists:flatmap(fun texts/1, Totals ++ Errors),
    {Strings, New} = lists:foldl(fun numbered/2, {Known, []}, Texts),
    Payload = iolist_to_binary([number(?VERSION), number(Second),
                                number(length(New)), lists:reverse(New),
                                number(length(Totals)),
                                [total(One, Second, Strings) || One <- Totals],
                                number(length(Errors)),
                                [first_error(One, Strings) || One <- Errors],
                                delays(Delays)]),
    Header = <<(byte_size(Payload)):32, (erlang:crc32(Payload)):32>>,
    tried([Header, Payload], State#{strings := Strings}).

%% On a full disk the load goes on. What could not be written goes with the next record, from where
%% the last whole one ended: a torn one would end the reading.
tried(Record, State = #{device := Device, size := Size, unwritten := Before}) ->
    Bytes = iolist_to_binary([Before, Record]),
    case file:write(Device, Bytes) of
        ok -> State#{size := Size + byte_size(Bytes), unwritten := <<>>};
        {error, _} ->
            _ = file:position(Device, Size),
            _ = file:truncate(Device),
            State#{unwritten := Bytes}
    end.

%% Strings are numbered from 1 as they first come; 0 is none.
texts({_AtUs, Name, _Status, Error}) -> [Name, Error];
texts(Total) ->
    {_, Name, _, Error} = element(1, Total),
    [Name, Error].

numbered('', Acc) -> Acc;
numbered(Name, {Known, New}) when is_map_key(Name, Known) -> {Known, New};
numbered(Name, {Known, New}) ->
    Text = text(Name),
    {Known#{Name => map_size(Known) + 1}, [[number(byte_size(Text)), Text] | New]}.

text(Name) when is_atom(Name) -> atom_to_binary(Name);
text(Name) -> onager_names:text(Name).

total({{Kind, Name, Status, Error}, Count, SumUs, Bytes, MinUs, MaxUs, FirstUs, LastUs, Buckets},
      Second, Strings) ->
    EndUs = (Second + 1) * 1000000,
    [[number(N) || N <- [kind(Kind), string(Name, Strings), Status, string(Error, Strings), Count,
                         SumUs, MinUs, MaxUs, Bytes, max(EndUs - FirstUs, 0),
                         max(EndUs - LastUs, 0), length(Buckets)]],
     steps(Buckets)].

steps(Buckets) ->
    {Steps, _} = lists:mapfoldl(fun({Bucket, Times}, Before) ->
                                        {[number(Bucket - Before), number(Times)], Bucket}
                                end, 0, Buckets),
    Steps.

delays(none) -> number(0);
delays({Count, SumUs, MinUs, MaxUs, Buckets, Looks, QueueSum, QueueMost}) ->
    [[number(N) || N <- [1, Count, SumUs, MinUs, MaxUs, Looks, QueueSum, QueueMost,
                         length(Buckets)]],
     steps(Buckets)].

first_error({AtUs, Name, Status, Error}, Strings) ->
    [number(N) || N <- [AtUs, string(Name, Strings), Status, string(Error, Strings)]].

kind(request) -> 0;
kind(transaction) -> 1;
kind(page) -> 2;
kind(connect) -> 3;
kind(in_flight) -> 4.

string('', _) -> 0;
string(Name, Strings) -> maps:get(Name, Strings).

number(N) when N < 0 -> 0;
number(N) when N < 128 -> N;
number(N) -> [N band 127 bor 128, number(N bsr 7)].

%% Tsung's log and its report: as many durations as there were, each the middle of its bucket.
told(Totals) -> lists:foreach(fun told_one/1, Totals).

told_one({{in_flight, _, _, _}, _, _, _, _, _, _, _, _}) -> ok;
told_one({{Kind, Name, _, _}, _, _, _, _, _, _, _, Buckets}) ->
    Durations = lists:flatmap(fun({Bucket, Times}) ->
                                      lists:duplicate(Times,
                                                      onager_samples:middle_us(Bucket) / 1000)
                              end, Buckets),
    case Kind of
        transaction -> ts_stats_mon:add([{sample, Name, Ms} || Ms <- Durations], transaction);
        _ -> ts_stats_mon:add(Durations, Kind)
    end.
