"""The expression language of declarative provisioning: text in, a fast callable over an object's values out.

Source: facts "expressions" and "functions"; decision D1 for operator levels.
"""

from engine.rules.expression.compiler import Expression, compile_expression
from engine.rules.expression.context import AUTHORITATIVE_NULL, IGNORE_THIS_FLOW, Context, Sentinel
from engine.rules.expression.errors import ErrorRaised, ExpressionError
from engine.rules.expression.functions import FUNCTIONS

__all__ = [
    "AUTHORITATIVE_NULL",
    "FUNCTIONS",
    "IGNORE_THIS_FLOW",
    "Context",
    "ErrorRaised",
    "Expression",
    "ExpressionError",
    "Sentinel",
    "compile_expression",
]
