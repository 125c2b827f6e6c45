"""The plan: everything that will happen to everyone, except the waiting, drawn from a scenario.

`draw.draw_plan` draws it; `tables` is the contract with the engines and the measures.
"""
