%% Work for the recorder without a load: minutes in a moment, and as much as many users can count.
-module(onager_bench).

-export([seconds/5, hot_path/4]).

%% Counts `PerSecond` requests over `Names` names for each second, and has each second written when
%% it is counted. Each name has its own shortest duration from 1 to 40 ms; its others
%% are spread over `Spread` doublings.
-spec seconds(file:filename(), pos_integer(), pos_integer(),
              pos_integer(), pos_integer()) -> ok.
seconds(File, Seconds, PerSecond, Names, Spread) ->
    Groups = groups(Names),
    ok = onager_recorder:start(File),
    lists:foreach(fun(_) ->
                          count(PerSecond, Groups, Spread),
                          onager_recorder:flush()
                  end, lists:seq(1, Seconds)).

count(0, _, _) -> ok;
count(Left, Groups, Spread) ->
    Name = rand:uniform(tuple_size(Groups)),
    Ms = (1 + Name rem 40) * math:pow(2, Spread * rand:uniform()),
    onager_samples:add(element(Name, Groups), Ms, 512),
    count(Left - 1, Groups, Spread).

%% So many processes count requests of `Names` names for `Ms` milliseconds, while the recorder
%% writes them: how many a second, and the processor time of each in microseconds.
-spec hot_path(file:filename(), pos_integer(), pos_integer(), pos_integer()) -> [number()].
hot_path(File, Processes, Names, Ms) ->
    Groups = groups(Names),
    ok = onager_recorder:start(File),
    {BeforeCpuMs, _} = statistics(runtime),
    StartMs = erlang:monotonic_time(millisecond),
    Users = [spawn_monitor(fun() -> exit({counted, until(StartMs + Ms, Groups, 0)}) end)
             || _ <- lists:seq(1, Processes)],
    Counts = [receive {'DOWN', Ref, _, _, {counted, Count}} -> Count end || {_, Ref} <- Users],
    {CpuMs, _} = statistics(runtime),
    Count = lists:sum(Counts),
    [Count * 1000 / (erlang:monotonic_time(millisecond) - StartMs),
     (CpuMs - BeforeCpuMs) * 1000 / Count].

until(UntilMs, Groups, Count) ->
    case erlang:monotonic_time(millisecond) < UntilMs of
        true -> count(100, Groups, 4), until(UntilMs, Groups, Count + 100);
        false -> Count
    end.

groups(Names) ->
    ok = onager_names:create(),
    list_to_tuple([{request, onager_names:number(integer_to_binary(Name)), 200, ''}
                   || Name <- lists:seq(1, Names)]).
