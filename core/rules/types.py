"""Types of the names that rules read, for checking a rule before it is ever evaluated.

Scalars may be null (an answer not given), so they are CEL's wrapper types: comparing with null is fine,
comparing text with a number is not.
"""

from __future__ import annotations

from cel_expr_python import cel

RuleType = cel.Type

TEXT: RuleType = cel.Type("google.protobuf.StringValue")
WHOLE: RuleType = cel.Type("google.protobuf.Int64Value")
DOUBLE: RuleType = cel.Type("google.protobuf.DoubleValue")
YES_NO: RuleType = cel.Type("google.protobuf.BoolValue")
TEXTS: RuleType = cel.Type.List(cel.Type.STRING)
ROWS: RuleType = cel.Type.List(cel.Type.Map(cel.Type.STRING, cel.Type.DYN))
ANY: RuleType = cel.Type.DYN
