import { FeedWord, LayerWord, PassWord, SynapseWord } from "../../abi";
import { Feed, Layer, Pass, Synapse } from "../../graph/record";

describe("records", () => {
  it("lie as the wrapper writes them", () => {
    expect<usize>(offsetof<Layer>()).toBe(LayerWord.words * 4);
    expect<usize>(offsetof<Layer>("bias")).toBe(LayerWord.bias * 4);
    expect<usize>(offsetof<Layer>("dbias")).toBe(LayerWord.dbias * 4);
    expect<usize>(offsetof<Layer>("given")).toBe(LayerWord.given * 4);
    expect<usize>(offsetof<Layer>("target")).toBe(LayerWord.target * 4);
    expect<usize>(offsetof<Layer>("pre")).toBe(LayerWord.pre * 4);
    expect<usize>(offsetof<Layer>("post")).toBe(LayerWord.post * 4);
    expect<usize>(offsetof<Layer>("delta")).toBe(LayerWord.delta * 4);
    expect<usize>(offsetof<Layer>("incoming")).toBe(LayerWord.incoming * 4);
    expect<usize>(offsetof<Layer>("outgoing")).toBe(LayerWord.outgoing * 4);
    expect<usize>(offsetof<Layer>("bounded")).toBe(LayerWord.bounded * 4);
    expect<usize>(offsetof<Layer>("stamp")).toBe(LayerWord.stamp * 4);
    expect<usize>(offsetof<Layer>("aim")).toBe(LayerWord.aim * 4);
    expect<usize>(offsetof<Synapse>()).toBe(SynapseWord.words * 4);
    expect<usize>(offsetof<Synapse>("dweights")).toBe(SynapseWord.dweights * 4);
    expect<usize>(offsetof<Pass>()).toBe(PassWord.words * 4);
    expect<usize>(offsetof<Pass>("outputs")).toBe(PassWord.outputs * 4);
    expect<usize>(offsetof<Pass>("runs")).toBe(PassWord.runs * 4);
    expect<usize>(offsetof<Pass>("costs")).toBe(PassWord.costs * 4);
    expect<usize>(offsetof<Pass>("outputCosts")).toBe(PassWord.outputCosts * 4);
    expect<usize>(offsetof<Pass>("faultIndex")).toBe(PassWord.faultIndex * 4);
    expect<usize>(offsetof<Feed>()).toBe(FeedWord.words * 4);
    expect<usize>(offsetof<Feed>("bytes")).toBe(FeedWord.bytes * 4);
  });
});
