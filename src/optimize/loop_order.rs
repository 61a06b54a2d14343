//! The order in which an iteration computes the values for the next one.
//!
//! The code generator forgets where pure instructions stood, and computes the arguments of a branch one after the other,
//! each with all that it needs. The parameters of a loop's header are in the order in which the body first reads its
//! locals, so one that is read first and computed last would be computed first, together with most of the body, and
//! its intermediate values would live on. Where a loop has more values than registers, that costs spills. So there the
//! parameters get the order in which the body computes them: the guest's compiler has chosen that one.
//!
//! Loops with few values stay as they are: for some of these the other order is better by chance, since a counter is
//! computed early.

use cranelift_codegen::ir::{Block, BlockArg, DataFlowGraph, Function, Inst, ValueDef};
use hashbrown::HashMap;

/// Loops with so many values are reordered; there are fourteen registers, and each value has intermediate ones.
const MANY: usize = 8;

/// The branches to a block.
#[derive(Default)]
struct Branches {
    all: Vec<Inst>,
    /// The arguments of the last one that leads back.
    back: Vec<BlockArg>,
    /// The block is before the one that is looked at.
    is_passed: bool,
}

/// Orders the parameters of the headers of all loops with many values.
pub(super) fn order(func: &mut Function) {
    if func.layout.blocks().any(|block| has_many(func, block)) {
        for (block, branches) in branches_to_many(func) {
            order_header(func, block, &branches);
        }
    }
}

fn has_many(func: &Function, block: Block) -> bool {
    func.dfg.num_block_params(block) >= MANY
}

/// All branches to blocks with many parameters.
fn branches_to_many(func: &Function) -> HashMap<Block, Branches> {
    let dfg = &func.dfg;
    let mut found: HashMap<Block, Branches> = HashMap::new();
    for block in func.layout.blocks() {
        if has_many(func, block) {
            found.entry(block).or_default().is_passed = true;
        }
        let Some(last) = func.layout.last_inst(block) else { continue };
        for call in dfg.insts[last].branch_destination(&dfg.jump_tables, &dfg.exception_tables) {
            let to = call.block(&dfg.value_lists);
            if !has_many(func, to) {
                continue;
            }
            let branches = found.entry(to).or_default();
            if branches.all.last() != Some(&last) {
                branches.all.push(last);
            }
            if branches.is_passed {
                branches.back.clear();
                branches.back.extend(call.args(&dfg.value_lists));
            }
        }
    }
    found
}

/// Orders the parameters of a block by where in the body the last branch back gets its arguments from, if there is one.
fn order_header(func: &mut Function, header: Block, branches: &Branches) {
    let dfg = &mut func.dfg;
    let params = dfg.block_params(header).to_vec();
    if branches.back.len() != params.len() {
        return;
    }
    let mut order: Vec<usize> = (0..params.len()).collect();
    order.sort_by_key(|&at| place(dfg, branches.back[at]));
    dfg.detach_block_params(header);
    for &at in &order {
        dfg.attach_block_param(header, params[at]);
    }
    for &inst in &branches.all {
        let (tables, exceptions) = (&mut dfg.jump_tables, &mut dfg.exception_tables);
        for call in dfg.insts[inst].branch_destination_mut(tables, exceptions) {
            if call.block(&dfg.value_lists) == header {
                let args: Vec<BlockArg> = call.args(&dfg.value_lists).collect();
                let mut ordered = order.iter().map(|&at| args[at]);
                call.update_args(&mut dfg.value_lists, |arg| ordered.next().unwrap_or(arg));
            }
        }
    }
}

/// Instructions are numbered as they are made, in the order of the body. What is no result of one stays in front.
fn place(dfg: &DataFlowGraph, arg: BlockArg) -> Option<Inst> {
    match dfg.value_def(dfg.resolve_aliases(arg.as_value()?)) {
        ValueDef::Result(inst, _) => Some(inst),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cranelift_codegen::ir::{InstBuilder, Value, types};
    use cranelift_codegen::settings::{Flags, builder};
    use cranelift_codegen::verify_function;
    use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};

    /// A loop computes the last of `n` values first.
    fn check_loop_of(n: usize) {
        let (mut func, mut context) = (Function::new(), FunctionBuilderContext::new());
        let mut b = FunctionBuilder::new(&mut func, &mut context);
        let [entry, header, end] = [(); 3].map(|()| b.create_block());
        b.switch_to_block(entry);
        let first: Vec<_> = (0..n).map(|i| b.ins().iconst(types::I32, i as i64)).collect();
        let args = |values: &[Value]| values.iter().map(|&v| v.into()).collect::<Vec<BlockArg>>();
        let enter = b.ins().jump(header, &args(&first));
        let params: Vec<_> = (0..n).map(|_| b.append_block_param(header, types::I32)).collect();
        b.switch_to_block(header);
        let mut next: Vec<_> =
            params.iter().rev().map(|&param| b.ins().iadd(param, params[0])).collect();
        next.reverse();
        let again = b.ins().brif(next[0], header, &args(&next), end, &[]);
        b.switch_to_block(end);
        b.ins().return_(&[]);
        order(&mut func);
        verify_function(&func, &Flags::new(builder())).unwrap();
        let to_header = |inst: Inst| {
            let call = func.dfg.insts[inst]
                .branch_destination(&func.dfg.jump_tables, &func.dfg.exception_tables)[0];
            call.args(&func.dfg.value_lists).filter_map(|arg| arg.as_value()).collect::<Vec<_>>()
        };
        let mut expected = [params, first, next];
        if n >= MANY {
            expected.iter_mut().for_each(|values| values.reverse());
        }
        let found = [func.dfg.block_params(header).to_vec(), to_header(enter), to_header(again)];
        assert_eq!(found, expected);
    }

    #[test]
    fn values_are_computed_in_the_order_of_the_body_where_there_are_many() {
        [MANY - 1, MANY, 40].into_iter().for_each(check_loop_of);
    }
}
