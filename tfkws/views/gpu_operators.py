"""Time per TFLite operator on a GPU as a table and in sentences, from `profile-*-litert-gpu*.json`."""

from tfkws.intervals import LEVEL
from tfkws.units import format_change, format_count, format_percent, format_rate, format_us, format_us_interval
from tfkws.views.comparison import MARK, numbers_of
from tfkws.views.latency import fed_sentence
from tfkws.views.table import Column, Record, Table, number, table_of, text

LEFT_OUT_FIRST = (LEVEL, "share", "MACs", "GMAC/s", "layers")  # in narrow terminals, from behind
TIMELESS = ("folded", "unknown")
SOFTWARE = "A software adapter took these times; they say nothing about a GPU."


def gpu_operator_table(profile: Record) -> Table:
    """Return every operator, or neighbours that cannot be told apart, in execution order.

    Args:
        profile: content of an operator profile of a GPU.
    """
    note = " ".join(filter(None, (_conditions(profile), fed_sentence(profile))))
    title = f"Every operator of {profile['model']} on {adapter_of(profile)}"
    return table_of(title, _columns(profile), [_row(row) for row in profile["rows"]], note, LEFT_OUT_FIRST)


def gpu_tables(profile: Record) -> list[Table]:
    """Return the table of operators and, where the accelerator tells of its kernels, one of those.

    Args:
        profile: content of an operator profile of a GPU.
    """
    return [gpu_operator_table(profile), *([_kernel_table(profile)] if profile.get("kernels") else [])]


def _kernel_table(profile: Record) -> Table:
    kernels = profile["kernels"]
    mark, total = _mark(profile), sum(kernel["time_us"] for kernel in kernels)
    columns = (
        text("kernel", "kernel"),
        text("operator", "operator"),
        number(f"time{mark}", "time_us", format_us),
        number("share", lambda kernel: kernel["time_us"] / (total or 1.0), format_percent),
    )
    note = (
        f"They sum to {format_us(total)}{mark}; the whole takes {format_us(profile['whole_us'])}{mark} without the "
        "profiler. An empty operator: the accelerator does not tell which."
    )
    return table_of(f"Kernels by the accelerator's own events, on {adapter_of(profile)}", columns, kernels, note)


def _columns(profile: Record) -> tuple[Column, ...]:
    mark = _mark(profile)
    refused = any(operator["refused"] for row in profile["rows"] for operator in row["operators"])
    return (
        text("", "numbers"),
        text("operators", "opcodes"),
        text("layers", "names"),
        number(f"time{mark}", "time"),
        number(LEVEL, "interval_us", format_us_interval),
        number("share", "share", format_percent),
        number(f"alone{mark}", "alone_us", format_us),
        number("MACs", "macs", format_count),
        number("GMAC/s", "gmacs_per_s", format_rate),
        *((text("left to the CPU", "refused"),) if refused else ()),
    )


def _row(row: Record) -> Record:
    held = row["operators"]
    macs = sum(operator["macs"] or 0 for operator in held) or None
    return {
        **row,
        "numbers": numbers_of([operator["index"] for operator in held]),
        "opcodes": " + ".join(operator["opcode"] for operator in held),
        "names": " + ".join(dict.fromkeys(operator["name"] for operator in held)),
        "time": row["method"] if row["method"] in TIMELESS else format_us(row["time_us"]),
        "macs": macs,
        "gmacs_per_s": macs / row["time_us"] / 1e3 if macs and row["time_us"] > 0 else None,
        "refused": "; ".join(dict.fromkeys(f"{one['opcode']}: {one['refused']}" for one in held if one["refused"])),
    }


def adapter_of(profile: Record) -> str:
    """Return the adapter's name, with the word that no time of a software adapter is shown without."""
    adapter = profile["accelerator"]["adapter"]
    return f"{adapter['name']} (software adapter)" if adapter["software"] else str(adapter["name"])


def _mark(profile: Record) -> str:
    return MARK if profile["accelerator"]["adapter"]["software"] else ""


def _conditions(profile: Record) -> str:
    facts = profile["accelerator"]
    return (
        f"{facts['adapter']['driver']}, {facts['adapter']['backend']}, {facts['precision']}, {profile['runtime']} "
        f"{profile['runtime_version']}, {profile['rounds']} rounds in turns, {profile['runs']} runs at most of each, "
        f"by {profile['method']}; input and output stay on the GPU."
    )


def gpu_sentences(profile: Record) -> list[str]:
    """Say how true the times are: what was compared, how sums meet the whole, and what ran on the CPU."""
    found = [_how(profile), _whole(profile), _alone(profile), _fallback(profile), profile["events"]]
    if profile["accelerator"]["adapter"]["software"]:
        found.append(SOFTWARE)
    return [sentence for sentence in found if sentence]


def _how(profile: Record) -> str:
    if profile["method"] != "prefixes":
        return ""
    return (
        "A time is what a prefix of the network takes more than the prefix before it, the first than an empty call. "
        "What a prefix gives out leaves the GPU's own layout, so a row in front of a large tensor reads too long and "
        "the next too short; operators between which no difference can be told are one row."
    )


def _whole(profile: Record) -> str:
    mark = _mark(profile)
    whole = f"the whole {format_us(profile['whole_us'])} ({format_us_interval(profile['whole_interval_us'])}){mark}"
    empty = f"an empty call {format_us(profile['empty_call_us'])}{mark}"
    if profile["last_prefix_us"] is None:
        return f"The rows sum to {format_us(profile['sum_us'])}{mark}, {empty}, {whole}."
    last = f"{format_us(profile['last_prefix_us'])}{mark}"
    return f"The longest prefix takes {last}, {whole} ({format_change(profile['difference'])}), {empty}."


def _alone(profile: Record) -> str:
    if profile["alone_sum_us"] is None:
        return "Not every operator was timed as a file of its own."
    return (
        f'"Alone", as files of their own less an empty call, operators sum to {format_us(profile["alone_sum_us"])}'
        f"{_mark(profile)}; with an empty call {format_change(profile['alone_difference'])} of the whole."
    )


def _fallback(profile: Record) -> str:
    facts = profile["accelerator"]
    if facts["fully_accelerated"]:
        return "All operators run on the accelerator."
    refused = [
        f"{operator['index']} {operator['opcode']}"
        for row in profile["rows"]
        for operator in row["operators"]
        if operator["refused"]
    ]
    split = facts["operators"]
    counted = f"{split['gpu']} operators run on the accelerator and {split['cpu']} on the CPU" if split["cpu"] else ""
    named = f"the accelerator refuses {', '.join(refused)}" if refused else ""
    said = "; ".join(filter(None, (counted, named))) or "a part runs on the CPU, and LiteRT does not say which"
    return f"{said[0].upper()}{said[1:]}."
