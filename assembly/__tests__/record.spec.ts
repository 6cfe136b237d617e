import {
  BlockWord, FeedWord, LayerWord, MemberWord, OptimizerWord, PassWord, PatternWord, RunWord, ScheduleWord, SynapseWord,
  TeamWord, TimesWord, WindowWord,
} from "../abi";
import { Pattern } from "../kernel/sparse";
import { Window } from "../kernel/window";
import { Feed, Layer, Pass, Run, Synapse, Times } from "../record";
import { Block, Optimizer } from "../rule/optimizer";
import { Schedule } from "../rule/schedule";
import { Member, Team } from "../team/team";

/** End of the last checked field. Each field begins there, so that no field is left out. */
let end: usize = 0;

/** Checks a field of 32 bits. */
function narrow(offset: usize, word: i32): void {
  expect<usize>(offset).toBe(end);
  expect<usize>(offset).toBe(word * 4);
  end += 4;
}

/** Checks a field of 64 bits, whose second word is `high`. */
function wide(offset: usize, word: i32, high: i32): void {
  expect<i32>(high).toBe(word + 1);
  expect<usize>(offset & 7).toBe(0);
  narrow(offset, word);
  end += 4;
}

/** Checks the size of a record after all of its fields. */
function size(bytes: usize, words: i32): void {
  expect<usize>(bytes).toBe(end);
  expect<usize>(bytes).toBe(words * 4);
  end = 0;
}

describe("the words that src/ writes are the fields that the core reads", () => {
  it("of a layer", () => {
    wide(offsetof<Layer>("stamp"), LayerWord.stamp, LayerWord.stampHigh);
    wide(offsetof<Layer>("targetStamp"), LayerWord.targetStamp, LayerWord.targetStampHigh);
    wide(offsetof<Layer>("activationParameter"), LayerWord.activationParameter, LayerWord.activationParameterHigh);
    wide(offsetof<Layer>("lossParameter"), LayerWord.lossParameter, LayerWord.lossParameterHigh);
    wide(offsetof<Layer>("weight"), LayerWord.weight, LayerWord.weightHigh);
    wide(offsetof<Layer>("dropout"), LayerWord.dropout, LayerWord.dropoutHigh);
    narrow(offsetof<Layer>("size"), LayerWord.size);
    narrow(offsetof<Layer>("activation"), LayerWord.activation);
    narrow(offsetof<Layer>("loss"), LayerWord.loss);
    narrow(offsetof<Layer>("isInput"), LayerWord.isInput);
    narrow(offsetof<Layer>("bias"), LayerWord.bias);
    narrow(offsetof<Layer>("dbias"), LayerWord.dbias);
    narrow(offsetof<Layer>("input"), LayerWord.input);
    narrow(offsetof<Layer>("target"), LayerWord.target);
    narrow(offsetof<Layer>("pre"), LayerWord.pre);
    narrow(offsetof<Layer>("post"), LayerWord.post);
    narrow(offsetof<Layer>("delta"), LayerWord.delta);
    narrow(offsetof<Layer>("incoming"), LayerWord.incoming);
    narrow(offsetof<Layer>("incomings"), LayerWord.incomings);
    narrow(offsetof<Layer>("outgoing"), LayerWord.outgoing);
    narrow(offsetof<Layer>("outgoings"), LayerWord.outgoings);
    narrow(offsetof<Layer>("bounded"), LayerWord.bounded);
    narrow(offsetof<Layer>("place"), LayerWord.place);
    narrow(offsetof<Layer>("flags"), LayerWord.flags);
    narrow(offsetof<Layer>("gain"), LayerWord.gain);
    narrow(offsetof<Layer>("dgain"), LayerWord.dgain);
    narrow(offsetof<Layer>("normalized"), LayerWord.normalized);
    narrow(offsetof<Layer>("rstd"), LayerWord.rstd);
    narrow(offsetof<Layer>("output"), LayerWord.output);
    narrow(offsetof<Layer>("dropoutMask"), LayerWord.dropoutMask);
    narrow(offsetof<Layer>("droppedPost"), LayerWord.droppedPost);
    narrow(offsetof<Layer>("lossWeights"), LayerWord.lossWeights);
    narrow(offsetof<Layer>("join"), LayerWord.join);
    narrow(offsetof<Layer>("timed"), LayerWord.timed);
    narrow(offsetof<Layer>("loop"), LayerWord.loop);
    narrow(offsetof<Layer>("reversed"), LayerWord.reversed);
    narrow(offsetof<Layer>("depth"), LayerWord.depth);
    narrow(offsetof<Layer>("initial"), LayerWord.initial);
    narrow(offsetof<Layer>("dinitial"), LayerWord.dinitial);
    narrow(offsetof<Layer>("past"), LayerWord.past);
    narrow(offsetof<Layer>("dpast"), LayerWord.dpast);
    narrow(offsetof<Layer>("begun"), LayerWord.begun);
    narrow(offsetof<Layer>("flows"), LayerWord.flows);
    narrow(offsetof<Layer>("dpre"), LayerWord.dpre);
    narrow(offsetof<Layer>("biases"), LayerWord.biases);
    narrow(offsetof<Layer>("positions"), LayerWord.positions);
    narrow(offsetof<Layer>("channels"), LayerWord.channels);
    narrow(offsetof<Layer>("groups"), LayerWord.groups);
    narrow(offsetof<Layer>("mixed"), LayerWord.mixed);
    narrow(offsetof<Layer>("sums"), LayerWord.sums);
    expect<i32>(LayerWord.words & 1).toBe(0, "records with float64 lie one behind another");
    size(offsetof<Layer>(), LayerWord.words);
  });

  it("of a synapse", () => {
    wide(offsetof<Synapse>("stamp"), SynapseWord.stamp, SynapseWord.stampHigh);
    wide(offsetof<Synapse>("l1"), SynapseWord.l1, SynapseWord.l1High);
    wide(offsetof<Synapse>("l2"), SynapseWord.l2, SynapseWord.l2High);
    wide(offsetof<Synapse>("maxNorm"), SynapseWord.maxNorm, SynapseWord.maxNormHigh);
    narrow(offsetof<Synapse>("from"), SynapseWord.from);
    narrow(offsetof<Synapse>("to"), SynapseWord.to);
    narrow(offsetof<Synapse>("weights"), SynapseWord.weights);
    narrow(offsetof<Synapse>("dweights"), SynapseWord.dweights);
    narrow(offsetof<Synapse>("kind"), SynapseWord.kind);
    narrow(offsetof<Synapse>("frozen"), SynapseWord.frozen);
    narrow(offsetof<Synapse>("owner"), SynapseWord.owner);
    narrow(offsetof<Synapse>("shared"), SynapseWord.shared);
    narrow(offsetof<Synapse>("delay"), SynapseWord.delay);
    narrow(offsetof<Synapse>("at"), SynapseWord.at);
    narrow(offsetof<Synapse>("inside"), SynapseWord.inside);
    narrow(offsetof<Synapse>("aligned"), SynapseWord.aligned);
    narrow(offsetof<Synapse>("factor"), SynapseWord.factor);
    narrow(offsetof<Synapse>("dfactor"), SynapseWord.dfactor);
    narrow(offsetof<Synapse>("rows"), SynapseWord.rows);
    narrow(offsetof<Synapse>("columns"), SynapseWord.columns);
    narrow(offsetof<Synapse>("map"), SynapseWord.map);
    narrow(offsetof<Synapse>("room"), SynapseWord.room);
    expect<i32>(SynapseWord.words & 1).toBe(0, "records with float64 lie one behind another");
    size(offsetof<Synapse>(), SynapseWord.words);
  });

  it("of a window", () => {
    narrow(offsetof<Window>("bigHeight"), WindowWord.bigHeight);
    narrow(offsetof<Window>("bigWidth"), WindowWord.bigWidth);
    narrow(offsetof<Window>("bigChannels"), WindowWord.bigChannels);
    narrow(offsetof<Window>("smallHeight"), WindowWord.smallHeight);
    narrow(offsetof<Window>("smallWidth"), WindowWord.smallWidth);
    narrow(offsetof<Window>("smallChannels"), WindowWord.smallChannels);
    narrow(offsetof<Window>("kernelHeight"), WindowWord.kernelHeight);
    narrow(offsetof<Window>("kernelWidth"), WindowWord.kernelWidth);
    narrow(offsetof<Window>("strideHeight"), WindowWord.strideHeight);
    narrow(offsetof<Window>("strideWidth"), WindowWord.strideWidth);
    narrow(offsetof<Window>("dilationHeight"), WindowWord.dilationHeight);
    narrow(offsetof<Window>("dilationWidth"), WindowWord.dilationWidth);
    narrow(offsetof<Window>("top"), WindowWord.top);
    narrow(offsetof<Window>("left"), WindowWord.left);
    narrow(offsetof<Window>("groups"), WindowWord.groups);
    narrow(offsetof<Window>("countPadding"), WindowWord.countPadding);
    size(offsetof<Window>(), WindowWord.words);
  });

  it("of a pattern", () => {
    narrow(offsetof<Pattern>("count"), PatternWord.count);
    narrow(offsetof<Pattern>("sources"), PatternWord.sources);
    narrow(offsetof<Pattern>("targets"), PatternWord.targets);
    narrow(offsetof<Pattern>("starts"), PatternWord.starts);
    narrow(offsetof<Pattern>("to"), PatternWord.to);
    narrow(offsetof<Pattern>("startsInto"), PatternWord.startsInto);
    narrow(offsetof<Pattern>("place"), PatternWord.place);
    narrow(offsetof<Pattern>("from"), PatternWord.from);
    size(offsetof<Pattern>(), PatternWord.words);
  });

  it("of a pass", () => {
    narrow(offsetof<Pass>("layers"), PassWord.layers);
    narrow(offsetof<Pass>("layerCount"), PassWord.layerCount);
    narrow(offsetof<Pass>("outputs"), PassWord.outputs);
    narrow(offsetof<Pass>("outputCount"), PassWord.outputCount);
    narrow(offsetof<Pass>("runs"), PassWord.runs);
    narrow(offsetof<Pass>("runCount"), PassWord.runCount);
    narrow(offsetof<Pass>("optimizer"), PassWord.optimizer);
    narrow(offsetof<Pass>("costs"), PassWord.costs);
    narrow(offsetof<Pass>("partialSums"), PassWord.partialSums);
    narrow(offsetof<Pass>("outputCosts"), PassWord.outputCosts);
    narrow(offsetof<Pass>("path"), PassWord.path);
    narrow(offsetof<Pass>("penalised"), PassWord.penalised);
    narrow(offsetof<Pass>("penalisedCount"), PassWord.penalisedCount);
    narrow(offsetof<Pass>("limited"), PassWord.limited);
    narrow(offsetof<Pass>("limitedCount"), PassWord.limitedCount);
    narrow(offsetof<Pass>("noise"), PassWord.noise);
    narrow(offsetof<Pass>("seed"), PassWord.seed);
    narrow(offsetof<Pass>("weightedScratch"), PassWord.weightedScratch);
    narrow(offsetof<Pass>("sharedGradient"), PassWord.sharedGradient);
    narrow(offsetof<Pass>("upstream"), PassWord.upstream);
    narrow(offsetof<Pass>("faultLayer"), PassWord.faultLayer);
    narrow(offsetof<Pass>("faultIndex"), PassWord.faultIndex);
    narrow(offsetof<Pass>("times"), PassWord.times);
    narrow(offsetof<Pass>("stateful"), PassWord.stateful);
    narrow(offsetof<Pass>("order"), PassWord.order);
    size(offsetof<Pass>(), PassWord.words);
  });

  it("of the steps of a call", () => {
    narrow(offsetof<Times>("rows"), TimesWord.rows);
    narrow(offsetof<Times>("blocks"), TimesWord.blocks);
    size(offsetof<Times>(), TimesWord.words);
  });

  it("of a run of parameters", () => {
    narrow(offsetof<Run>("values"), RunWord.values);
    narrow(offsetof<Run>("gradients"), RunWord.gradients);
    narrow(offsetof<Run>("count"), RunWord.count);
    narrow(offsetof<Run>("block"), RunWord.block);
    narrow(offsetof<Run>("synapse"), RunWord.synapse);
    narrow(offsetof<Run>("initial"), RunWord.initial);
    size(offsetof<Run>(), RunWord.words);
  });

  it("of the state of a block", () => {
    wide(offsetof<Block>("steps"), BlockWord.steps, BlockWord.stepsHigh);
    wide(offsetof<Block>("product"), BlockWord.product, BlockWord.productHigh);
    size(offsetof<Block>(), BlockWord.words);
  });

  it("of an optimizer", () => {
    wide(offsetof<Optimizer>("steps"), OptimizerWord.steps, OptimizerWord.stepsHigh);
    wide(offsetof<Optimizer>("rate"), OptimizerWord.rate, OptimizerWord.rateHigh);
    wide(offsetof<Optimizer>("momentBound"), OptimizerWord.momentBound, OptimizerWord.momentBoundHigh);
    wide(offsetof<Optimizer>("weightDecay"), OptimizerWord.weightDecay, OptimizerWord.weightDecayHigh);
    wide(offsetof<Optimizer>("clipNorm"), OptimizerWord.clipNorm, OptimizerWord.clipNormHigh);
    wide(offsetof<Optimizer>("clipValue"), OptimizerWord.clipValue, OptimizerWord.clipValueHigh);
    wide(offsetof<Optimizer>("beta1"), OptimizerWord.beta1, OptimizerWord.beta1High);
    wide(offsetof<Optimizer>("beta2"), OptimizerWord.beta2, OptimizerWord.beta2High);
    wide(offsetof<Optimizer>("epsilon"), OptimizerWord.epsilon, OptimizerWord.epsilonHigh);
    wide(offsetof<Optimizer>("momentumDecay"), OptimizerWord.momentumDecay, OptimizerWord.momentumDecayHigh);
    narrow(offsetof<Optimizer>("kind"), OptimizerWord.kind);
    narrow(offsetof<Optimizer>("flag"), OptimizerWord.flag);
    narrow(offsetof<Optimizer>("plain"), OptimizerWord.plain);
    narrow(offsetof<Optimizer>("mean"), OptimizerWord.mean);
    narrow(offsetof<Optimizer>("square"), OptimizerWord.square);
    narrow(offsetof<Optimizer>("momentum"), OptimizerWord.momentum);
    size(offsetof<Optimizer>(), OptimizerWord.words);
  });

  it("of a schedule", () => {
    wide(offsetof<Schedule>("rate"), ScheduleWord.rate, ScheduleWord.rateHigh);
    wide(offsetof<Schedule>("warmup"), ScheduleWord.warmup, ScheduleWord.warmupHigh);
    wide(offsetof<Schedule>("period"), ScheduleWord.period, ScheduleWord.periodHigh);
    wide(offsetof<Schedule>("factor"), ScheduleWord.factor, ScheduleWord.factorHigh);
    wide(offsetof<Schedule>("floor"), ScheduleWord.floor, ScheduleWord.floorHigh);
    wide(offsetof<Schedule>("restarts"), ScheduleWord.restarts, ScheduleWord.restartsHigh);
    wide(offsetof<Schedule>("start"), ScheduleWord.start, ScheduleWord.startHigh);
    wide(offsetof<Schedule>("divisor"), ScheduleWord.divisor, ScheduleWord.divisorHigh);
    wide(offsetof<Schedule>("finalDivisor"), ScheduleWord.finalDivisor, ScheduleWord.finalDivisorHigh);
    narrow(offsetof<Schedule>("kind"), ScheduleWord.kind);
    size(offsetof<Schedule>(), ScheduleWord.words);
  });

  it("of a feed", () => {
    narrow(offsetof<Feed>("word"), FeedWord.word);
    narrow(offsetof<Feed>("source"), FeedWord.source);
    narrow(offsetof<Feed>("bytes"), FeedWord.bytes);
    size(offsetof<Feed>(), FeedWord.words);
  });

  it("of a team", () => {
    narrow(offsetof<Team>("kind"), TeamWord.kind);
    narrow(offsetof<Team>("pass"), TeamWord.pass);
    narrow(offsetof<Team>("samples"), TeamWord.samples);
    narrow(offsetof<Team>("size"), TeamWord.size);
    wide(offsetof<Team>("stamp"), TeamWord.stamp, TeamWord.stampHigh);
    narrow(offsetof<Team>("feeds"), TeamWord.feeds);
    narrow(offsetof<Team>("feedCount"), TeamWord.feedCount);
    narrow(offsetof<Team>("order"), TeamWord.order);
    narrow(offsetof<Team>("batch"), TeamWord.batch);
    narrow(offsetof<Team>("from"), TeamWord.from);
    narrow(offsetof<Team>("to"), TeamWord.to);
    narrow(offsetof<Team>("sums"), TeamWord.sums);
    narrow(offsetof<Team>("layers"), TeamWord.layers);
    narrow(offsetof<Team>("layerCount"), TeamWord.layerCount);
    narrow(offsetof<Team>("synapses"), TeamWord.synapses);
    narrow(offsetof<Team>("synapseCount"), TeamWord.synapseCount);
    narrow(offsetof<Team>("lists"), TeamWord.lists);
    narrow(offsetof<Team>("costs"), TeamWord.costs);
    narrow(offsetof<Team>("blocks"), TeamWord.blocks);
    narrow(offsetof<Team>("total"), TeamWord.total);
    narrow(offsetof<Team>("pieces"), TeamWord.pieces);
    narrow(offsetof<Team>("pages"), TeamWord.pages);
    narrow(offsetof<Team>("delays"), TeamWord.delays);
    size(offsetof<Team>(), TeamWord.words);
  });

  it("of a member of a team", () => {
    narrow(offsetof<Member>("away"), MemberWord.away);
    narrow(offsetof<Member>("part"), MemberWord.part);
    narrow(offsetof<Member>("whole"), MemberWord.whole);
    narrow(offsetof<Member>("room"), MemberWord.room);
    narrow(offsetof<Member>("partialSums"), MemberWord.partialSums);
    narrow(offsetof<Member>("sharedGradient"), MemberWord.sharedGradient);
    narrow(offsetof<Member>("bounds"), MemberWord.bounds);
    narrow(offsetof<Member>("slopes"), MemberWord.slopes);
    narrow(offsetof<Member>("arena"), MemberWord.arena);
    narrow(offsetof<Member>("joined"), MemberWord.joined);
    size(offsetof<Member>(), MemberWord.words);
  });

  it("in whole pairs where records lie in a row, so that float64 stay aligned", () => {
    expect<i32>(LayerWord.words & 1).toBe(0);
    expect<i32>(SynapseWord.words & 1).toBe(0);
    expect<i32>(BlockWord.words & 1).toBe(0);
    expect<i32>(OptimizerWord.words & 1).toBe(0);
  });
});
