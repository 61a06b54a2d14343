;; Nothing at all: the fixed cost of an instance.
(module)
