"""The whole idea of backpropagation in forty lines of scalars.

Every step knows how much its result changes for a small change of each input: its local slopes.
Going back from the result, each input receives slope times what its result received, and what
arrives over several ways adds up. That is the chain rule, and all there is to `backward()`.
"""
import math


class Number:
    def __init__(self, data, inputs=(), slopes=()):
        self.data = data
        self.grad = 0.0
        self.inputs = inputs  # the Numbers this was computed from
        self.slopes = slopes  # d(this) / d(input), one for each input

    def __add__(self, other):
        return Number(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other):
        return Number(self.data * other.data, (self, other), (other.data, self.data))

    def tanh(self):
        t = math.tanh(self.data)
        return Number(t, (self,), (1 - t * t,))

    def backward(self):
        order, seen = [], set()

        def visit(number):  # inputs first
            if number not in seen:
                seen.add(number)
                for x in number.inputs:
                    visit(x)
                order.append(number)

        visit(self)
        self.grad = 1.0
        for number in reversed(order):
            for x, slope in zip(number.inputs, number.slopes):
                x.grad += slope * number.grad


if __name__ == "__main__":
    x, w, b = Number(2.0), Number(-0.5), Number(1.5)
    for step in range(20):  # teach a neuron to answer 0.9
        error = (w * x + b).tanh() + Number(-0.9)
        loss = error * error
        loss.backward()
        print(f"step {step:2}  loss {loss.data:.6f}  dloss/dw {w.grad:+.6f}")
        for p in w, b:
            p.data -= 0.2 * p.grad
            p.grad = 0.0
