"""Small windows of a desk's first week: sentences, watch list, contact card, own shift, paper dispatch, marks."""
