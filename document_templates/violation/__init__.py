"""The papers of 装修违章处理, one for each rung and for the order of a serious violation."""
