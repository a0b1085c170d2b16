"""Two pictures beside each other: energy met and fairness over the limit, one line for each rule."""

COLOURS = ("#0b6e4f", "#1c77c3", "#b0b0b0", "#8d6a9f", "#d1793b", "#c2384a")
WIDTH, HEIGHT, LEFT, TOP = 380, 260, 46, 34


def _panel(x0, title, tables, rules, key, extra):
    caps = list(tables)
    rows = [tables[a][r][key] for a in caps for r in rules]
    low = min(rows)
    high = max(rows + [v for v in extra.values()] if extra else rows)
    span = (high - low) or 1

    def at(k, value):
        x = x0 + LEFT + k * (WIDTH - LEFT - 20) / max(len(caps) - 1, 1)
        return f"{x:.1f},{TOP + (HEIGHT - TOP - 30) * (1 - (value - low) / span):.1f}"

    out = [f'<text x="{x0 + LEFT}" y="18" font-weight="bold">{title}</text>']
    for step in range(5):
        value = low + span * step / 4
        y = float(at(0, value).split(",")[1])
        out.append(f'<line x1="{x0 + LEFT}" y1="{y:.1f}" x2="{x0 + WIDTH - 20}" y2="{y:.1f}" '
                   f'stroke="#ddd"/><text x="{x0 + LEFT - 6}" y="{y + 4:.1f}" '
                   f'text-anchor="end">{value:.3g}</text>')
    for k, a in enumerate(caps):
        x = at(k, low).split(",")[0]
        out.append(f'<text x="{x}" y="{HEIGHT - 12}" text-anchor="middle">{a} A</text>')
    if extra:
        points = " ".join(at(k, extra[a]) for k, a in enumerate(caps))
        out.append(f'<polyline points="{points}" fill="none" stroke="#000" stroke-dasharray="4 3"/>')
    for colour, rule in zip(COLOURS, rules):
        points = " ".join(at(k, tables[a][rule][key]) for k, a in enumerate(caps))
        out.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
    return out


def write(path, tables, rules):
    best = {a: t["bound"]["energy"] for a, t in tables.items() if t["bound"]["energy"]}
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{2 * WIDTH}" height="{HEIGHT + 30}" '
           'font-family="sans-serif" font-size="11">',
           '<rect width="100%" height="100%" fill="#fff"/>']
    out += _panel(0, "energy met, %", tables, rules, "energy", best)
    out += _panel(WIDTH, "Jain's index", tables, rules, "jain", {})
    x = LEFT
    for colour, rule in list(zip(COLOURS, rules)) + ([("#000", "the bound")] if best else []):
        out.append(f'<rect x="{x}" y="{HEIGHT + 8}" width="14" height="4" fill="{colour}"/>'
                   f'<text x="{x + 18}" y="{HEIGHT + 14}">{rule}</text>')
        x += 34 + 7 * len(rule)
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(out + ["</svg>"]) + "\n")
