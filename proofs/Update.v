(** * 更新（ステップ6）

    すべての重みとバイアスを一度に動かしたときの、損失の変化の割合です。式 eq-loss-decrease と eq-layer-decrease を示します。 *)

From Coq Require Import Reals Lra Lia Arith FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From Backprop Require Import Sums Curves Network Induction Gradients.
Open Scope R_scope.

(** 全微分できる関数は、勾配の逆の向きに動かすと、割合 [-‖g‖²] で変わる。 *)
Theorem along_minus_gradient P F θ g :
  totally_differentiable P F θ g ->
  is_derive (fun η : R => F (fun k => θ k - η * g k)) 0 (- Σ k ≤ P, (g k) ^ 2).
Proof.
  intros differentiable. replace (- Σ k ≤ P, (g k) ^ 2) with (Σ k ≤ P, (g k * - g k)).
  - apply (chain_rule _ _ _ _ differentiable (fun η k => θ k - η * g k)).
    + intros k _. ring.
    + intros k _. auto_derive; [exact I|ring].
  - rewrite <- (Rmult_1_l (Σ k ≤ P, (g k) ^ 2)), Ropp_mult_distr_l, <- sum_scale.
    apply sum_ext. intros; ring.
Qed.

(** 割合が負なら、学習率が十分に小さいとき、損失は必ず減る（「保証」）。 *)
Theorem decreases F d : is_derive F 0 d -> d < 0 ->
  exists η₀, 0 < η₀ /\ forall η, 0 < η < η₀ -> F η < F 0.
Proof.
  intros derived negative. destruct (proj1 (small_rest F 0 d) derived (- d / 2)) as [r [positive near]]; [lra|].
  exists r. split; [exact positive|]. intros η [above below].
  assert (now := near η). rewrite Rplus_0_l, (Rabs_pos_eq η) in now by lra. specialize (now below).
  apply Rabs_le_between in now. nra.
Qed.

(** ** すべての重みとバイアスを動かす *)

(** 重みを [t * v]、バイアスを [t * u] だけ動かしたネットワーク。 *)
Definition moved (net : Network) (v : nat -> nat -> nat -> R) (u : nat -> nat -> R) (t : R) : Network := {|
  L := L net; N := N net; f := f net; f' := f' net;
  w := fun l j k => w net l j k + t * v l j k;
  b := fun l j => b net l j + t * u l j
|}.

(** 層 [l] の重みとバイアスを通る道の和。 *)
Definition layer_part net x (D : nat -> vec) v u (l : nat) : R :=
  Σ j ≤ N net l, (D l j * (Σ k ≤ N net (l - 1), (v l j k * a net x (l - 1) k) + u l j)).

Lemma sum_front n (c : vec) : Sum (S n) c = c 1%nat + Σ i ≤ n, c (S i).
Proof. induction n as [|n IH]; [simpl; ring|]. change (Sum (S (S n)) c) with (Sum (S n) c + c (S (S n))).
  rewrite IH. simpl. ring. Qed.

Section Direction.

Variables (net : Network) (E : vec -> R) (x δ_L : vec) (D : nat -> vec).
Variables (v : nat -> nat -> nat -> R) (u : nat -> nat -> R).
Hypothesis slopes : hidden_differentiable net x.
Hypothesis last : along_curves (N net (L net)) E (z net x (L net)) δ_L.
Hypothesis back : backward net x δ_L D.

Lemma weighted_moved l (c : R -> vec) (a₀ c' : vec) j :
  (forall k, k ∈ N net (l - 1) -> c 0 k = a₀ k) ->
  (forall k, k ∈ N net (l - 1) -> is_derive (fun t : R => c t k) 0 (c' k)) ->
  is_derive (fun t : R => weighted (moved net v u t) l (c t) j) 0
    (Σ k ≤ N net (l - 1), (w net l j k * c' k) + (Σ k ≤ N net (l - 1), (v l j k * a₀ k) + u l j)).
Proof.
  intros passes each. unfold weighted, moved. simpl. rewrite <- Rplus_assoc, <- sum_plus.
  apply (is_derive_plus (V := R_NormedModule)).
  - apply (is_derive_sum _ (fun t k => (w net l j k + t * v l j k) * c t k)). intros k inside.
    replace (w net l j k * c' k + v l j k * a₀ k) with (v l j k * c 0 k + (w net l j k + 0 * v l j k) * c' k)
      by (rewrite passes by exact inside; ring).
    apply (is_derive_mult (fun t => w net l j k + t * v l j k) (fun t => c t k)).
    + auto_derive; [exact I|ring].
    + apply each. exact inside.
    + intros n m. apply Rmult_comm.
  - auto_derive; [exact I|ring].
Qed.

Lemma later_layers n l : (1 <= l)%nat -> (n + l = L net)%nat ->
  forall (c : R -> vec) (c' : vec),
  (forall j, j ∈ N net l -> c 0 j = z net x l j) ->
  (forall j, j ∈ N net l -> is_derive (fun t : R => c t j) 0 (c' j)) ->
  is_derive (fun t : R => E (ahead (moved net v u t) n l (c t))) 0
    (Σ j ≤ N net l, (D l j * c' j) + Σ i ≤ n, layer_part net x D v u (l + i)).
Proof.
  destruct back as [output hidden].
  revert l. induction n as [|n IH]; intros l first depth c c' passes each.
  - simpl in depth. subst l. simpl. rewrite Rplus_0_r.
    replace (Σ j ≤ N net (L net), (D (L net) j * c' j)) with (Σ j ≤ N net (L net), (δ_L j * c' j)).
    + apply last; assumption.
    + apply sum_ext. intros j inside. rewrite output by exact inside. reflexivity.
  - set (c₁ := fun t => next (moved net v u t) l (c t)).
    set (c₁' := fun k => Σ j ≤ N net l, (w net (S l) k j * (f' net l (z net x l j) * c' j))
                        + (Σ j ≤ N net l, (v (S l) k j * a net x l j) + u (S l) k)).
    replace (Σ j ≤ N net l, (D l j * c' j) + Σ i ≤ S n, layer_part net x D v u (l + i))
      with (Σ k ≤ N net (S l), (D (S l) k * c₁' k) + Σ i ≤ n, layer_part net x D v u (S l + i)).
    + apply (IH (S l) ltac:(lia) ltac:(lia) c₁ c₁').
      * intros k _. unfold c₁. rewrite <- next_is_z by exact first.
        unfold next, weighted, activation, moved. simpl. rewrite Nat.sub_0_r.
        replace (b net (S l) k + 0 * u (S l) k) with (b net (S l) k) by ring. f_equal.
        apply sum_ext. intros j inside. rewrite passes by exact inside. ring.
      * intros k _. unfold c₁, c₁', next.
        assert (H := weighted_moved (S l) (fun t => activation net l (c t)) (a net x l)
                       (fun j => f' net l (z net x l j) * c' j) k).
        simpl (S l - 1)%nat in H. rewrite Nat.sub_0_r in H. apply H.
        -- intros j inside. rewrite <- activation_of_z by exact first. unfold activation.
           rewrite passes by exact inside. reflexivity.
        -- intros j inside. apply chain_single; [|apply each; exact inside].
           rewrite passes by exact inside. apply slopes; [lia|exact inside].
    + rewrite sum_front, <- Rplus_assoc. f_equal.
      2: { apply sum_ext. intros i _. f_equal. lia. }
      unfold layer_part. replace (l + 1)%nat with (S l) by lia. simpl (S l - 1)%nat. rewrite Nat.sub_0_r.
      unfold c₁'.
      transitivity (Σ k ≤ N net (S l), (D (S l) k * (Σ j ≤ N net l, (w net (S l) k j * (f' net l (z net x l j) * c' j))))
        + Σ k ≤ N net (S l), (D (S l) k * (Σ j ≤ N net l, (v (S l) k j * a net x l j) + u (S l) k))).
      { rewrite <- sum_plus. apply sum_ext. intros; ring. }
      f_equal.
      transitivity (Σ k ≤ N net (S l), (Σ j ≤ N net l, (D (S l) k * (w net (S l) k j * (f' net l (z net x l j) * c' j))))).
      { apply sum_ext. intros. symmetry. apply sum_scale. }
      rewrite sum_exchange. apply sum_ext. intros j inside. rewrite hidden by (lia || exact inside).
      rewrite Rmult_assoc, <- sum_scale_r. apply sum_ext. intros; ring.
Qed.

(** どの向きに動かしても、損失の割合は、勾配の成分と動かした割合との積の和である。 *)
Theorem any_direction : (1 <= L net)%nat ->
  is_derive (fun t : R => loss (moved net v u t) E x) 0 (Σ l ≤ L net, layer_part net x D v u l).
Proof.
  intros deep. destruct (Nat.lt_exists_pred 0 (L net) deep) as [n [depth _]].
  apply is_derive_ext with (fun t => E (ahead (moved net v u t) n 1 (weighted (moved net v u t) 1 x))).
  { intros t. unfold loss. change (L (moved net v u t)) with (L net). rewrite depth.
    change (weighted (moved net v u t) 1 x) with (z (moved net v u t) x 1).
    rewrite ahead_is_z by lia. do 2 f_equal. apply Nat.add_1_r. }
  rewrite depth, sum_front.
  apply (later_layers n 1 ltac:(lia) ltac:(lia) (fun t => weighted (moved net v u t) 1 x)
           (fun j => Σ k ≤ N net 0, (v 1%nat j k * x k) + u 1%nat j)).
  - intros j _. unfold z, weighted, moved. simpl.
    replace (b net 1 j + 0 * u 1%nat j) with (b net 1 j) by ring. f_equal. apply sum_ext. intros; ring.
  - intros j _. assert (H := weighted_moved 1 (fun _ => x) x (fun _ => 0) j). simpl (1 - 1)%nat in H.
    assert (still : Σ k ≤ N net 0, (w net 1 j k * 0) = 0).
    { rewrite sum_scale_r. ring. }
    cbv beta in H. rewrite still, Rplus_0_l in H. apply H; [reflexivity|].
    intros k _. apply (is_derive_const (V := R_NormedModule)).
Qed.

End Direction.

(** ** 式 eq-loss-decrease *)

(** [∂J/∂w^l_jk] と [∂J/∂b^l_j]（定理 thm-all-gradients が求めたもの）。 *)
Definition dJ_dw net m x (D : nat -> nat -> vec) l j k : R :=
  / INR m * (Σ n ≤ m, (D n l j * a net (x n) (l - 1) k)).
Definition dJ_db m (D : nat -> nat -> vec) l j : R := / INR m * (Σ n ≤ m, D n l j).

(** 更新（def-update）。 *)
Definition updated (net : Network) gw gb (η : R) : Network := {|
  L := L net; N := N net; f := f net; f' := f' net;
  w := fun l j k => w net l j k - η * gw l j k;
  b := fun l j => b net l j - η * gb l j
|}.

(** 層ごとに [c l] 倍だけ動かすときの割合。すべての層なら [c l = 1]、一つの層だけなら [c l = [l=l₀]] です。 *)
Lemma scaled_decrease (c : nat -> R) net m x ℒ g D :
  (forall n, n ∈ m -> assumptions net (x n) (ℒ n) (g n) (D n)) ->
  let gw := dJ_dw net m x D in
  let gb := dJ_db m D in
  is_derive (fun η : R => cost (updated net (fun l j k => c l * gw l j k) (fun l j => c l * gb l j) η) m
                            (fun n => elementwise net (ℒ n)) x) 0
    (- (Σ l ≤ L net, (c l * (Σ j ≤ N net l, (Σ k ≤ N net (l - 1), (gw l j k) ^ 2))))
     - Σ l ≤ L net, (c l * (Σ j ≤ N net l, (gb l j) ^ 2))).
Proof.
  intros given gw gb. set (v := fun l j k => - (c l * gw l j k)). set (u := fun l j => - (c l * gb l j)).
  assert (same : forall η, updated net (fun l j k => c l * gw l j k) (fun l j => c l * gb l j) η = moved net v u η).
  { intros η. unfold updated, moved, v, u. f_equal; repeat (apply functional_extensionality; intros); ring. }
  apply is_derive_ext with (fun η => / INR m * (Σ n ≤ m, loss (moved net v u η) (elementwise net (ℒ n)) (x n))).
  { intros η. rewrite same. reflexivity. }
  replace (- (Σ l ≤ L net, (c l * (Σ j ≤ N net l, (Σ k ≤ N net (l - 1), (gw l j k) ^ 2))))
           - Σ l ≤ L net, (c l * (Σ j ≤ N net l, (gb l j) ^ 2)))
    with (/ INR m * (Σ n ≤ m, (Σ l ≤ L net, layer_part net (x n) (D n) v u l))).
  - apply (is_derive_mean m (fun η n => loss (moved net v u η) (elementwise net (ℒ n)) (x n))).
    intros n example. destruct (given n example) as [deep [slopes [differentiable back]]].
    apply any_direction with (fun j => g n j * f' net (L net) (z net (x n) (L net) j)); [| |exact back|exact deep].
    + intros l j layer inside. apply slopes; [lia|exact inside].
    + apply output_delta.
      * intros j inside. apply slopes; [lia|exact inside].
      * rewrite activation_of_z by exact deep. exact differentiable.
  - (* 例の和を内側に入れて、層ごと、成分ごとにまとめる *)
    rewrite sum_exchange, <- sum_scale. unfold Rminus.
    rewrite <- (Rmult_1_l (Σ l ≤ L net, (c l * (Σ j ≤ N net l, (Σ k ≤ N net (l - 1), (gw l j k) ^ 2))))).
    rewrite <- (Rmult_1_l (Σ l ≤ L net, (c l * (Σ j ≤ N net l, (gb l j) ^ 2)))).
    rewrite !Ropp_mult_distr_l, <- !sum_scale, <- sum_plus. apply sum_ext. intros l _.
    unfold layer_part. rewrite sum_exchange, <- !sum_scale, <- sum_plus. apply sum_ext. intros j _.
    assert (parts : / INR m * (Σ n ≤ m, (D n l j * (Σ k ≤ N net (l - 1), (v l j k * a net (x n) (l - 1) k) + u l j)))
      = Σ k ≤ N net (l - 1), (v l j k * gw l j k) + u l j * gb l j).
    { unfold gw, gb, dJ_dw, dJ_db.
      transitivity (/ INR m * (Σ n ≤ m, (Σ k ≤ N net (l - 1), (v l j k * (D n l j * a net (x n) (l - 1) k)))
                               + Σ n ≤ m, (u l j * D n l j))).
      { f_equal. rewrite <- sum_plus. apply sum_ext. intros n _. rewrite Rmult_plus_distr_l, <- sum_scale.
        f_equal; [apply sum_ext; intros|]; ring. }
      rewrite sum_exchange, sum_scale, Rmult_plus_distr_l, <- sum_scale. f_equal; [|ring].
      apply sum_ext. intros k _. rewrite sum_scale. ring. }
    rewrite parts. unfold u. rewrite <- !sum_scale. f_equal; [|ring]. apply sum_ext. intros k _. unfold v. ring.
Qed.

(** すべての層の重みとバイアスを、一度に更新する。 *)
Theorem loss_decrease net m x ℒ g D :
  (forall n, n ∈ m -> assumptions net (x n) (ℒ n) (g n) (D n)) ->
  let gw := dJ_dw net m x D in
  let gb := dJ_db m D in
  is_derive (fun η : R => cost (updated net gw gb η) m (fun n => elementwise net (ℒ n)) x) 0
    (- (Σ l ≤ L net, (Σ j ≤ N net l, (Σ k ≤ N net (l - 1), (gw l j k) ^ 2)))
     - Σ l ≤ L net, (Σ j ≤ N net l, (gb l j) ^ 2)).
Proof.
  intros given gw gb. assert (all := scaled_decrease (fun _ => 1) net m x ℒ g D given). cbv zeta in all.
  fold gw gb in all. cbv beta in all. rewrite !sum_scale, !Rmult_1_l in all.
  replace (fun l j k => 1 * gw l j k) with gw in all by (repeat (apply functional_extensionality; intros); ring).
  replace (fun l j => 1 * gb l j) with gb in all by (repeat (apply functional_extensionality; intros); ring).
  exact all.
Qed.

(** 式 eq-layer-decrease。層 [l₀] の重みとバイアスだけを更新する。 *)
Theorem layer_decrease net m x ℒ g D l₀ : l₀ ∈ L net ->
  (forall n, n ∈ m -> assumptions net (x n) (ℒ n) (g n) (D n)) ->
  let gw := fun l j k => kronecker l l₀ * dJ_dw net m x D l j k in
  let gb := fun l j => kronecker l l₀ * dJ_db m D l j in
  is_derive (fun η : R => cost (updated net gw gb η) m (fun n => elementwise net (ℒ n)) x) 0
    (- (Σ j ≤ N net l₀, (Σ k ≤ N net (l₀ - 1), (/ INR m * (Σ n ≤ m, (D n l₀ j * a net (x n) (l₀ - 1) k))) ^ 2))
     - Σ j ≤ N net l₀, (/ INR m * (Σ n ≤ m, D n l₀ j)) ^ 2).
Proof.
  intros layer given gw gb. assert (one := scaled_decrease (fun l => kronecker l l₀) net m x ℒ g D given).
  cbv beta zeta in one. fold gw gb in one.
  replace (Σ l ≤ L net, (kronecker l l₀ * (Σ j ≤ N net l, (Σ k ≤ N net (l - 1), (dJ_dw net m x D l j k) ^ 2))))
    with (Σ j ≤ N net l₀, (Σ k ≤ N net (l₀ - 1), (dJ_dw net m x D l₀ j k) ^ 2)) in one.
  2: { rewrite <- (sum_kronecker (L net) l₀ (fun l => Σ j ≤ N net l, (Σ k ≤ N net (l - 1), (dJ_dw net m x D l j k) ^ 2)) layer).
       apply sum_ext. intros; apply Rmult_comm. }
  replace (Σ l ≤ L net, (kronecker l l₀ * (Σ j ≤ N net l, (dJ_db m D l j) ^ 2)))
    with (Σ j ≤ N net l₀, (dJ_db m D l₀ j) ^ 2) in one.
  2: { rewrite <- (sum_kronecker (L net) l₀ (fun l => Σ j ≤ N net l, (dJ_db m D l j) ^ 2) layer).
       apply sum_ext. intros; apply Rmult_comm. }
  exact one.
Qed.
